"""An origin of one's own for a test, and providers that are shut down after it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.runtime.options import Options
from tests.origin.an_origin import Prepared, prepare
from tests.origin.databases import copy_database
from tests.shared.sdk.origin_process import OriginProcess, running
from tests.shared.sdk.recorded_events import RecordedEvents

DIRECT = {"trust_env": False}
NewProvider = Callable[..., FlaghoistProvider]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Make the database that origins start from, once."""
    return asyncio.run(prepare(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
def still_origin(processes: None, prepared: Prepared, tmp_path: Path) -> OriginProcess:
    """Return an origin that does not run yet."""
    folder = tmp_path / "origin"
    folder.mkdir()
    asyncio.run(copy_database(prepared.folder, folder))
    return OriginProcess(Prepared(folder, prepared.keys), folder)


@pytest.fixture
def origin(still_origin: OriginProcess) -> Iterator[OriginProcess]:
    """Run an origin for one test."""
    with running(still_origin) as started:
        yield started


@pytest.fixture
def recorded() -> RecordedEvents:
    """Return what takes the events of a provider."""
    return RecordedEvents()


@pytest.fixture
def new_provider(recorded: RecordedEvents) -> Iterator[NewProvider]:
    """Return a function that makes a provider whose events are heard; each is shut down at the end."""
    made: list[FlaghoistProvider] = []

    def make(**options: Any) -> FlaghoistProvider:
        quick = {"retry_seconds": 0.1, "most_retry_seconds": 0.5, "save_seconds": 0.1, "reports": False, "http": DIRECT}
        provider = FlaghoistProvider(Options(**{**quick, **options}))
        provider.attach(recorded.attach_to)
        made.append(provider)
        return provider

    yield make
    for provider in made:
        provider.shutdown()
