"""The examples of the document on the SDK, run as they stand, one after the other, against an origin."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openfeature import api

from flaghoist.sdk.snapshot.levels import Level
from tests.origin.an_origin import a_document
from tests.project import ROOT
from tests.shared.sdk.origin_process import OriginProcess, until

DOCUMENT = ROOT / "docs" / "sdk-python.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: OriginProcess) -> Iterator[Path]:
    """Return a folder to run in, with the variables that the examples read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLAGHOIST_ORIGIN", origin.url)
    monkeypatch.setenv("FLAGHOIST_SERVER_KEY", origin.keys["server"])
    monkeypatch.setenv("FLAGHOIST_CLIENT_KEY", origin.keys["client"])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield tmp_path
    api.shutdown()


def test_examples__in_order__do_what_they_say(
    origin: OriginProcess, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    origin.put("/flags/new-checkout", a_document(client_visible=True))
    names: dict[str, Any] = {}
    said = ""
    for example in EXAMPLE.findall(DOCUMENT.read_text()):
        exec(example, names)
        said += capsys.readouterr().out
    provider = names["provider"]
    until(lambda: provider.state.level is Level.STREAMING)
    assert "new checkout\n" in said
    assert '<script nonce="random, of this answer">' in said
    origin.patch("/flags/new-checkout", {"on": False})
    recorded: list[str] = []

    def has_arrived() -> bool:
        recorded.append(capsys.readouterr().out)
        return "['new-checkout']\n" in "".join(recorded)

    until(has_arrived, lambda: recorded)
    assert not names["client"].get_boolean_value("new-checkout", True, names["ada"])
    until((folder / "flags.cache").exists)
