"""How long a warm request's way is: the files whose functions run for it, from the Worker's entry to the bytes."""

import asyncio
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

import flaghoist
import flaghoist_edge
from tests.edge_worker.border import Border, js_request, module
from tests.edge_worker.fakes import FakeExchange
from tests.edge_worker.test_work import HEADERS, USERS, a_mix, an_exchange
from tests.edge_worker.world import BOOTSTRAP
from tests.published import ENVIRONMENT, SECRET

MOST_FILES = 20
ROOTS = tuple(str(Path(package.__path__[0])) for package in (flaghoist, flaghoist_edge))
ENGINE = str(Path(flaghoist.__path__[0]) / "engine")


class Way:
    """The files that a request passes; what the engine calls to evaluate flags counts as the engine's."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self._evaluating: FrameType | None = None

    def trace(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take a profiler's event."""
        if self._evaluating is not None:
            if event == "return" and frame is self._evaluating:
                self._evaluating = None
        elif event == "call" and (file := frame.f_code.co_filename).startswith(ROOTS):
            is_engine = file.startswith(ENGINE)
            self._evaluating = frame if is_engine else None
            self.files.add("engine" if is_engine else file)


@contextmanager
def profiled(way: Way) -> Iterator[None]:
    sys.setprofile(way.trace)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.fixture
def worker(border: Border, monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeExchange], Any]:
    """Return what asks a Worker, whose manifest names a stream, by its entry."""
    monkeypatch.setattr(sys.modules["workers"], "WorkerEntrypoint", object, raising=False)
    monkeypatch.delitem(sys.modules, "flaghoist_edge.entry", raising=False)
    values = a_mix(100).but(streams={"*": "https://origin.example/v1/stream"}).values()

    async def read(key: str, **_: object) -> bytes | None:
        return values.get(key)

    default = importlib.import_module("flaghoist_edge.entry").Default()
    default.env = module("env", FLAGS=module("FLAGS", get=read), ENVIRONMENTS=ENVIRONMENT)
    default.env.FLAGHOIST_SECRET = SECRET.decode()
    default.ctx = module("ctx", waitUntil=lambda task: task)
    return lambda exchange: default.fetch(js_request(border, exchange))


def a_bulk(user: int) -> FakeExchange:
    return an_exchange(USERS[user], {})


def a_bootstrap(user: int) -> FakeExchange:
    return FakeExchange("POST", f"https://edge.example{BOOTSTRAP}", HEADERS, msgspec.json.encode(USERS[user]))


def way_of(worker: Callable[[FakeExchange], Any], ask: Callable[[int], FakeExchange], user: int) -> set[str]:
    way = Way()

    async def pass_through() -> None:
        for known in (0, 1, 0, 1):
            await worker(ask(known))
        with profiled(way):
            await worker(ask(user))

    asyncio.run(pass_through())
    return way.files


@pytest.mark.parametrize("ask", [a_bulk, a_bootstrap])
def test_returning_user__passes_few_files(
    worker: Callable[[FakeExchange], Any], ask: Callable[[int], FakeExchange]
) -> None:
    files = way_of(worker, ask, user=0)
    assert "engine" not in files, "the answer was kept"
    assert any(file.endswith("entry.py") for file in files)
    assert len(files) <= MOST_FILES, sorted(files)


@pytest.mark.parametrize("ask", [a_bulk, a_bootstrap])
def test_new_user__passes_few_files_and_the_engine(
    worker: Callable[[FakeExchange], Any], ask: Callable[[int], FakeExchange]
) -> None:
    files = way_of(worker, ask, user=5)
    assert "engine" in files
    assert len(files) <= MOST_FILES, sorted(files)
