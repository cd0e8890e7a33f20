"""What every test shares: the asyncio backend, the Hypothesis profiles, a printed random seed, and how tests run."""

import os
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from tests.scheduling import GroupScheduling, process_count, register_plugins
from tests.servers.postgres import PostgresServer, postgres_server
from tests.servers.valkey import ValkeyServer, valkey_server

settings.register_profile(
    "default",
    max_examples=300,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("default"), database=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--fast`."""
    parser.addoption("--fast", action="store_true", help="no test that starts a program, and fewer examples")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed here, so that the header can name it before the first example runs."""
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))
    register_plugins(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Say what ``-n auto`` means."""
    return process_count(is_fast=bool(config.getoption("--fast")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Keep together what shares a stack."""
    return GroupScheduling(config, log)


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat this run."""
    return f"random seed: repeat with --hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone: Flaghoist runs on nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def processes() -> None:
    """Be asked for by whatever starts programs beside the tests; see `tests.scheduling`."""


@pytest.fixture(scope="session")
def postgres(processes: None) -> Iterator[PostgresServer]:
    """Run the PostgreSQL server that tests share; none may stop it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """Run the Valkey server that tests share; none may stop it."""
    with valkey_server(tmp_path_factory.mktemp("valkey")) as server:
        yield server
