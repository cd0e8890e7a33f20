"""One origin for all examples, with the flag that they show, and the settings that they read."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.origin.an_origin import Prepared, prepare
from tests.shared.sdk.origin_process import OriginProcess, running

FLAG = {
    "on": True,
    "client_visible": True,
    "variations": {"on": True, "off": False},
    "off_variation": "off",
    "rules": [
        {
            "id": "pro",
            "clauses": [{"attribute": "plan", "op": "in", "values": ["pro"]}],
            "serve": {"variation": "on"},
        }
    ],
    "fallthrough": {"variation": "off"},
}


@pytest.fixture(scope="package")
def origin(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OriginProcess]:
    """Run an origin whose flag is on for people who pay."""
    folder = tmp_path_factory.mktemp("examples")
    prepared: Prepared = asyncio.run(prepare(folder))
    with running(OriginProcess(prepared, folder)) as started:
        started.put("/flags/new-checkout", FLAG)
        yield started


@pytest.fixture
def settings(origin: OriginProcess, monkeypatch: pytest.MonkeyPatch) -> OriginProcess:
    """Set the variables that examples read; return the origin."""
    monkeypatch.setenv("FLAGHOIST_ORIGIN", origin.url)
    monkeypatch.setenv("FLAGHOIST_SERVER_KEY", origin.keys["server"])
    monkeypatch.setenv("FLAGHOIST_CLIENT_KEY", origin.keys["client"])
    monkeypatch.delenv("FLAGHOIST_EDGE", raising=False)
    return origin
