"""`flaghoist audit` and `flaghoist rollback`, against an origin."""

import json

from tests.scripts.command import flaghoist
from tests.scripts.fake_origin import OriginState

LINE = {"id": 1, "at_ms": 0, "actor_id": "k1", "epoch": 1, "version": 1}
LINES = [
    {
        **LINE,
        "actor_name": "anna",
        "action": "rolled_back",
        "target": "snapshot",
        "comment": "",
        "after": {"updated": 2},
    },
    {
        **LINE,
        "actor_name": "ben",
        "action": "updated",
        "target": "flags/a",
        "comment": "for Ada",
        "after": {"on": True},
    },
]


def test_audit__entries__one_line_each_with_comment_or_counts(origin: OriginState) -> None:
    origin.audit = LINES
    lines = flaghoist("audit", origin=origin.url).stdout.splitlines()
    assert lines[1].split()[1:] == ["1-1", "anna", "rolled_back", "snapshot", "updated", "2"]
    assert lines[2].endswith("for Ada")
    assert origin.requests == ["GET /audit?limit=20"]


def test_audit__filters__reach_the_origin(origin: OriginState) -> None:
    result = flaghoist(
        *("audit", "--target", "flags/a b", "--since", "2027-01-31T00:00:00Z", "--limit", "3", "--json"),
        origin=origin.url,
    )
    assert json.loads(result.stdout) == []
    assert origin.requests == ["GET /audit?limit=3&target=flags%2Fa+b&since=2027-01-31T00%3A00%3A00Z"]


def test_rollback__dry_run__shows_the_difference_and_writes_nothing(origin: OriginState) -> None:
    origin.versions["1-0"] = {"flags": [], "segments": [], "groups": []}
    result = flaghoist("rollback", "--to", "1-0", "--dry-run", origin=origin.url)
    assert result.stdout.splitlines() == [
        "- segment staff",
        "- flag banner",
        "- flag checkout",
        "nothing was written (--dry-run)",
    ]
    assert origin.requests == ["GET /snapshot", "GET /versions/1-0"]


def test_rollback__confirmed__names_the_state_that_was_compared(origin: OriginState) -> None:
    origin.versions["1-0"] = {"flags": [], "segments": [], "groups": []}
    assert flaghoist("rollback", "--to", "1-0", origin=origin.url).exit_code == 1
    result = flaghoist("rollback", "--to", "1-0", "--yes", "--comment", "zu früh", origin=origin.url)
    assert result.stdout.splitlines()[-1] == "rolled back to 1-0, as version 1-2"
    assert origin.snapshot["flags"] == []
    assert origin.comments == ["zu früh"]


def test_rollback__somebody_wrote_meanwhile__refused(origin: OriginState) -> None:
    origin.versions["1-0"] = {"flags": [], "segments": [], "groups": []}
    origin.is_overtaken = True
    result = flaghoist("rollback", "--to", "1-0", "--yes", origin=origin.url)
    assert result.exit_code == 1
    assert "has changed" in result.stderr
