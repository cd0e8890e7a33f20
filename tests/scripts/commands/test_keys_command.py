"""`flaghoist keys` and the publishing commands, against an origin."""

import json
from pathlib import Path

from tests.scripts.command import flaghoist
from tests.scripts.fake_origin import OriginState


def test_keys_create__origin__shows_the_text_once(origin: OriginState) -> None:
    result = flaghoist("keys", "create", "server", "--name", "shop", origin=origin.url)
    assert result.stdout.splitlines()[0] == f"fh_server_production_{'b' * 43}"
    listed = flaghoist("keys", "list", origin=origin.url)
    assert "shop" in listed.stdout
    assert "bbbb" not in listed.stdout


def test_keys_create__dry_run__asks_nobody(origin: OriginState) -> None:
    result = flaghoist("keys", "create", "server", "--name", "shop", "--dry-run", origin=origin.url)
    assert result.stdout == "would create a server key named shop\n"
    assert origin.requests == []


def test_keys_create__database__makes_the_first_admin_key(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'origin.sqlite3'}"
    result = flaghoist("keys", "create", "admin", "--name", "first", "--database-url", url, "--json")
    made = json.loads(result.stdout)
    assert made["key"].startswith("fh_admin_production_")
    assert (made["kind"], made["role"], made["name"]) == ("admin", "owner", "first")


def test_keys_revoke__unconfirmed__revokes_nothing(origin: OriginState) -> None:
    origin.keys.append({"id": "k1", "kind": "client", "name": "old", "created_at_ms": 0})
    assert flaghoist("keys", "revoke", "k1", origin=origin.url).exit_code == 1
    assert "DELETE /keys/k1" not in origin.requests
    assert flaghoist("keys", "revoke", "k1", "--yes", origin=origin.url).stdout == "revoked the client key old\n"


def test_keys_revoke__unknown_id__says_how_to_find_one(origin: OriginState) -> None:
    result = flaghoist("keys", "revoke", "zzz", "--yes", origin=origin.url)
    assert result.exit_code == 1
    assert "`flaghoist keys list`" in result.stderr


def test_keys_rotate__malformed_overlap__is_used_wrongly(origin: OriginState) -> None:
    result = flaghoist("keys", "rotate", "k1", "--overlap", "soon", origin=origin.url)
    assert result.exit_code == 2
    assert "90s, 30m, 12h or 7d" in result.stderr


def test_keys_list__states__tell_valid_from_expiring_and_revoked(origin: OriginState) -> None:
    base = {"kind": "client", "created_at_ms": 0}
    origin.keys += [
        {"id": "k1", "name": "one", **base},
        {"id": "k2", "name": "two", "expires_at_ms": 1_000, **base},
        {"id": "k3", "name": "three", "revoked_at_ms": 2_000, **base},
    ]
    lines = flaghoist("keys", "list", origin=origin.url).stdout.splitlines()
    assert [line.split("  ")[-1] for line in lines[1:]] == [
        "valid",
        "until 1970-01-01T00:00:01Z",
        "revoked 1970-01-01T00:00:02Z",
    ]


def test_publish__origin__prints_what_was_written(origin: OriginState) -> None:
    result = flaghoist("publish", origin=origin.url)
    assert result.stdout == "published version 1-1 of production: 2 values, 1,234 bytes\n"


def test_publish__dry_run__publishes_nothing(origin: OriginState) -> None:
    result = flaghoist("publish", "--dry-run", "--json", origin=origin.url)
    assert json.loads(result.stdout) == {"environment": "production", "version": "1-1", "published": False}
    assert origin.requests == ["GET /snapshot"]


def test_recover__unconfirmed__recovers_nothing(origin: OriginState) -> None:
    assert flaghoist("recover", origin=origin.url).exit_code == 1
    assert origin.requests == []
    assert flaghoist("recover", "--yes", "--json", origin=origin.url).exit_code == 0
    assert origin.requests == ["POST /recover"]


def test_keys_create__admin_without_a_role__is_used_wrongly(origin: OriginState) -> None:
    result = flaghoist("keys", "create", "admin", "--name", "anna", origin=origin.url)
    assert result.exit_code == 2
    assert "viewer, editor, publisher, owner" in result.stderr
    assert flaghoist("keys", "create", "server", "--role", "owner", "--name", "x", origin=origin.url).exit_code == 2
    assert origin.requests == []


def test_keys_create__admin_with_a_role__sent_and_listed(origin: OriginState) -> None:
    flaghoist("keys", "create", "admin", "--role", "editor", "--name", "anna", origin=origin.url)
    assert origin.keys == [{"id": "k1", "created_at_ms": 0, "kind": "admin", "name": "anna", "role": "editor"}]
    assert flaghoist("keys", "list", origin=origin.url).stdout.splitlines()[1].split()[1:4] == [
        "admin",
        "editor",
        "anna",
    ]
