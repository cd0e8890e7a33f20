"""How the tests are run: what `--fast` leaves out, and what stays together when several processes share the work.

A test that needs a server, an edge or a browser gets it from a fixture that asks for the fixture `processes`. That
gives the test the marker ``process``, and `--fast` leaves it out. What starts a program by itself is skipped as it does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

FIXTURE = "processes"
MARKER = "process"
STARTS_A_PROGRAM = {"subprocess.Popen", "os.posix_spawn", "os.system"}
HARMLESS = {"uname"}
"""Programs that the standard library asks about the machine."""

TOGETHER = ("tests/browser",)
"""Folders that one process runs from beginning to end: one browser serves them all."""

FIRST = ("tests/browser",)
"""What takes longest begins first, so that no process is left alone with it at the end."""


class ProcessMarks:
    """Marks the tests whose fixtures start programs, before ``-m`` and `--fast` select."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if FIXTURE in getattr(item, "fixturenames", ()):
                item.add_marker(MARKER)


class FastLane:
    """What `--fast` does: no test of it starts a program."""

    def __init__(self) -> None:
        self._is_running = False
        sys.addaudithook(self._hear)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the tests that are marked."""
        marked = [item for item in items if item.get_closest_marker(MARKER)]
        config.hook.pytest_deselected(items=marked)
        items[:] = [item for item in items if not item.get_closest_marker(MARKER)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Know whether a test runs."""
        self._is_running = True
        try:
            return (yield)
        finally:
            self._is_running = False

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in STARTS_A_PROGRAM and self._is_running and arguments[0] not in HARMLESS:
            pytest.skip(f"starts a program: {arguments[0]}")


class Shares:
    """The plugin of one process among several that share the tests."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Bring forward what takes longest."""
        items.sort(key=lambda item: _place(item.nodeid))


class InUnits(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out whole modules, and some folders as one, in the order of the tests."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def register(config: pytest.Config) -> None:
    """Register what this run needs."""
    config.pluginmanager.register(ProcessMarks())
    if config.getoption("--fast"):
        config.pluginmanager.register(FastLane())
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Shares())


def how_many() -> int:
    """Return how many processes run the tests: one more than there are cores, for some tests mostly wait."""
    return len(os.sched_getaffinity(0)) + 1


def unit_of(nodeid: str) -> str:
    """Return what of the tests stays together with this one."""
    module = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if module.startswith(f"{folder}/")), module)


def _place(nodeid: str) -> int:
    return next((place for place, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
