"""What every test shares: the asyncio backend, the Hypothesis profiles and a random seed that is printed."""

import os
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

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


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed here, so that the header can name it before the first example runs."""
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat this run."""
    return f"random seed: repeat with --hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio alone: Flaghoist runs on nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run the PostgreSQL server that tests share; none may stop it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """Run the Valkey server that tests share; none may stop it."""
    with valkey_server(tmp_path_factory.mktemp("valkey")) as server:
        yield server
