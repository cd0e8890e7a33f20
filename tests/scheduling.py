"""How the tests are run: what `--fast` leaves out, and what stays together when several processes share the work.

A test that needs a server, an edge or a browser gets it from a fixture that asks for the fixture `processes`. That
gives the test the marker ``process``, and `--fast` leaves it out. A test that starts a program in its own code is
skipped at that point.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

FIXTURE = "processes"
MARKER = "process"
PROGRAM_STARTS = {"subprocess.Popen", "os.posix_spawn", "os.system"}
HARMLESS_PROGRAMS = {"uname"}
"""What the standard library asks about the machine."""

FAST_SHARE = 4
"""With `--fast`, properties get one of so many of their examples."""

FOLDERS_IN_ONE_PROCESS = ("tests/architecture", "tests/browser")
"""Their tests share what takes long to make: the parsed code, a browser."""

LONGEST_FIRST = ("tests/browser",)
"""These begin first, so that no process is left alone with them at the end."""

PENDING_MOST = 3
"""A process with fewer tests than this gets another group."""


class ProcessMarker:
    """Marks the tests whose fixtures start programs, before ``-m`` and `--fast` select."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if FIXTURE in getattr(item, "fixturenames", ()):
                item.add_marker(MARKER)


class FastSelection:
    """What `--fast` does: no test starts a program, and properties get fewer examples."""

    def __init__(self) -> None:
        self._is_running = False
        sys.addaudithook(self._hear)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the tests that are marked."""
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(MARKER)])
        items[:] = [item for item in items if not item.get_closest_marker(MARKER)]
        for property_ in {getattr(item, "obj", None) for item in items}:
            _shorten(property_)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Know whether a test runs."""
        self._is_running = True
        try:
            return (yield)
        finally:
            self._is_running = False

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in PROGRAM_STARTS and self._is_running and arguments[0] not in HARMLESS_PROGRAMS:
            pytest.skip(f"starts a program: {arguments[0]}")


class CollectionFreezer:
    """Spares the garbage collector what lives as long as the run; it would look at all tests again and again."""

    def pytest_collection(self) -> None:
        """Keep the collector out while tests are collected."""
        gc.disable()

    def pytest_collection_finish(self) -> None:
        """Set everything that there is apart."""
        gc.collect()
        gc.freeze()
        gc.enable()


class LongestFirst:
    """Brings forward what takes longest, in each of several processes that share the tests."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort by `LONGEST_FIRST`; everything else keeps its order."""
        items.sort(key=lambda item: _place(item.nodeid))


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out groups of tests, in the order of the tests; a group is a module, or one of some folders.

    What the base class counts and looks up for every test, it does over all tests; here the time does not grow so.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._places: dict[str, int] = {}

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """Return how many tests are pending; nobody asks for more than `PENDING_MOST`. They are last in their group."""
        groups = reversed(workload.values())
        pending = (True for group in groups for is_done in reversed(group.values()) if not is_done)
        return sum(islice(pending, PENDING_MOST))

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a process the next group; tests have the same numbers in all processes."""
        if not self._places:
            self._places = {nodeid: place for place, nodeid in enumerate(self.collection)}
        name, group = self.workqueue.popitem(last=False)
        self.assigned_work[node][name] = group
        node.send_runtest_some([self._places[nodeid] for nodeid, is_done in group.items() if not is_done])


def register_plugins(config: pytest.Config) -> None:
    """Register what this run needs."""
    config.pluginmanager.register(ProcessMarker())
    config.pluginmanager.register(CollectionFreezer())
    if config.getoption("--fast"):
        config.pluginmanager.register(FastSelection())
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(LongestFirst())


def process_count(*, is_fast: bool) -> int:
    """Return how many processes run the tests: one a core, and one more where some tests mostly wait."""
    return len(os.sched_getaffinity(0)) + (not is_fast)


def group_of(nodeid: str) -> str:
    """Return the group that a test belongs to."""
    module = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS_IN_ONE_PROCESS if module.startswith(f"{folder}/")), module)


def _place(nodeid: str) -> int:
    return next((place for place, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start)), len(LONGEST_FIRST))


def _shorten(property_: object) -> None:
    """Take examples away from a Hypothesis test; anything else is left as it is."""
    if hasattr(property_, "hypothesis"):
        own = getattr(property_, "_hypothesis_internal_use_settings", None) or settings()
        fewer = settings(own, max_examples=max(1, own.max_examples // FAST_SHARE))
        setattr(property_, "_hypothesis_internal_use_settings", fewer)  # noqa: B010
