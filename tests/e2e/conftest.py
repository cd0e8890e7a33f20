"""The stack that most tests share, and private ones for tests that break things."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.dev_process import Announced, dev_process
from tests.e2e.documents import Document, snapshot_body
from tests.e2e.environments import Environment, Side
from tests.e2e.stacks import PrivateStack, Stack, announced, private_stack
from tests.e2e.visitors import answers, flags

TIMEOUT_SECONDS = 30.0

NewStack = Callable[[], PrivateStack]


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Return the HTTP client of all tests."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def dev_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the shared stack's data, output and log."""
    return tmp_path_factory.mktemp("dev")


@pytest.fixture(scope="session")
def said(processes: None, dev_folder: Path) -> Iterator[Announced]:
    """Run `flaghoist dev`; return its last line. At the end nothing that it started may listen any more."""
    with dev_process(dev_folder / "data", dev_folder / "output.txt", dev_folder / "log.txt") as last_line:
        yield last_line
    assert not [url for url in (last_line["origin"], last_line["edge"], last_line["kv"]) if _listens(url)]


@pytest.fixture(scope="session")
def stack(said: Announced, dev_folder: Path, http: httpx.Client) -> Stack:
    """Return the shared stack."""
    return announced(said, dev_folder / "data", dev_folder / "log.txt", http)


@pytest.fixture(scope="module")
def environment(stack: Stack, request: pytest.FixtureRequest) -> Environment:
    """Return an environment of the shared stack that belongs to one test module."""
    module = request.module.__name__.rpartition(".test_")[2]
    return stack.environment(re.sub(r"[^a-z0-9]+", "-", module.lower()))


@pytest.fixture(scope="module")
def new_stack(processes: None, tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[NewStack]:
    """Return a function that makes a private stack; all end with the module, their logs stay for whoever looks."""
    with ExitStack() as held:
        yield lambda: held.enter_context(private_stack(tmp_path_factory.mktemp("private"), http))


@dataclass(frozen=True)
class Stranded:
    """A private stack of which only the edge's memory is left, since when, and what it answered before."""

    private: PrivateStack
    environment: Environment
    before: list[list[Document]]
    at_seconds: float


@pytest.fixture(scope="session")
def stranded(processes: None, tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[Stranded]:
    """Return an edge that has served an environment, and whose origin and KV are then gone."""
    with private_stack(tmp_path_factory.mktemp("stranded"), http) as private:
        private.start_edge()
        private.start_origin()
        environment = private.started().environment("production")
        environment.reach(environment.replace(snapshot_body(flags())))
        before = answers(environment)
        private.kill_origin()
        private.kv.fail(binding="fail")
        yield Stranded(private, environment, before, time.monotonic())


@pytest.fixture(params=["edge", "origin"])
def side(request: pytest.FixtureRequest) -> Side:
    """Return each side that evaluates."""
    found: Side = request.param
    return found


def _listens(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0
