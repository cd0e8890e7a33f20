"""`flaghoist keys`: list, create, revoke and rotate the keys of an environment."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from flaghoist_cli.client.origin_client import KeyInfo, OriginClient
from flaghoist_cli.client.target import ENVIRONMENT, KeyKind, Role, TargetOptions, resolve
from flaghoist_cli.commands.access.signing import signing
from flaghoist_cli.commands.options import confirm, dry_run_option, examples, json_option, target_options, yes_option
from flaghoist_cli.installation.deferred import INSTALL_ORIGIN, DeferredModule
from flaghoist_cli.terminal.durations import seconds_of
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.instants import instant
from flaghoist_cli.terminal.output import show, table

if TYPE_CHECKING:
    from flaghoist_cli.data import keys as database_keys
else:
    database_keys = DeferredModule("flaghoist_cli.data.keys", INSTALL_ORIGIN)

KINDS = ("client", "server", "admin")
ROLES = ("viewer", "editor", "publisher", "owner")


@click.group("keys")
def keys() -> None:
    """List, create, revoke and rotate keys.

    A client key is public and sees client-visible flags only. A server key evaluates all flags and reads the snapshot.
    The role of an admin key decides what it may do: a viewer reads everything, an editor changes flags, a publisher
    also publishes, rolls back and imports, an owner may do everything. Signing keys are different: an app's backend
    signs contexts with them.
    """


keys.add_command(signing)


@keys.command("list", epilog=examples("flaghoist keys list", "flaghoist keys list --json"))
@json_option
@target_options
def list_keys(as_json: bool, wanted: TargetOptions) -> None:
    """List the environment's keys, without their texts, which are not stored."""
    with OriginClient(resolve(wanted)) as client:
        found = client.keys()
    show(found, _lines(found), as_json=as_json)


@keys.command(
    "create",
    epilog=examples(
        "flaghoist keys create server --name checkout-service",
        "flaghoist keys create client --name shop --expires-at 2027-01-31T00:00:00Z",
        "flaghoist keys create admin --role editor --name anna",
        "flaghoist keys create admin --name first --database-url sqlite+aiosqlite:////var/lib/flaghoist/origin.sqlite3",
    ),
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--name", required=True, help="What the key is for.")
@click.option("--role", type=click.Choice(ROLES), help="What an admin key may do.")
@click.option("--expires-at", default="", help="Time at which the key expires (RFC 3339).")
@click.option(
    "--database-url",
    default="",
    help="Write to this database directly: for the first admin key of an origin, an owner key unless --role is given.",
)
@dry_run_option
@json_option
@target_options
def create_key(
    *,
    kind: KeyKind,
    name: str,
    role: Role | None,
    expires_at: str,
    database_url: str,
    dry_run: bool,
    as_json: bool,
    wanted: TargetOptions,
) -> None:
    """Create a key of KIND and print it. The key is shown only once."""
    _check_role(kind, role, is_first=bool(database_url))
    if dry_run:
        preview = {"kind": kind, "role": role, "name": name, "created": False}
        show(preview, [f"would create {_described(kind, role)} key named {name}"], as_json=as_json)
        return
    if database_url:
        if expires_at:
            raise click.UsageError("--expires-at needs a running origin: leave it out, or leave out --database-url")
        made = _in_database(database_url, kind, name, wanted.environment or ENVIRONMENT, role)
    else:
        with OriginClient(resolve(wanted)) as client:
            made = client.issue_key(kind, name, role=role or "", expires_at=expires_at)
    show(made, _new_key_lines(made), as_json=as_json)


@keys.command(
    "revoke", epilog=examples("flaghoist keys revoke 5f0c2a9e1b7d4c3a", "flaghoist keys revoke 5f0c2a9e1b7d4c3a --yes")
)
@click.argument("key_id", metavar="ID")
@yes_option
@dry_run_option
@json_option
@target_options
def revoke_key(key_id: str, yes: bool, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Revoke the key with this ID at once."""
    with OriginClient(resolve(wanted)) as client:
        key = _find(client.keys(), key_id)
        if dry_run:
            show(key, [f"would revoke {_title(key)}"], as_json=as_json)
            return
        confirm(f"Revoke {_title(key)}? Requests with it will be rejected at once.", yes=yes)
        revoked = client.revoke_key(key_id)
    show(revoked, [f"revoked {_title(revoked)}"], as_json=as_json)


@keys.command(
    "rotate",
    epilog=examples("flaghoist keys rotate 5f0c2a9e1b7d4c3a", "flaghoist keys rotate 5f0c2a9e1b7d4c3a --overlap 7d"),
)
@click.argument("key_id", metavar="ID")
@click.option("--overlap", default="1d", show_default=True, help="How long the old key stays valid: 90s, 30m, 12h, 7d.")
@dry_run_option
@json_option
@target_options
def rotate_key(key_id: str, overlap: str, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Create a successor of the key with this ID; both are valid for the overlap."""
    seconds = seconds_of(overlap, "--overlap")
    with OriginClient(resolve(wanted)) as client:
        key = _find(client.keys(), key_id)
        if dry_run:
            preview = f"would replace {_title(key)}; the old one would stay valid for {overlap}"
            show(key, [preview], as_json=as_json)
            return
        made = client.rotate_key(key_id, seconds)
    show(made, [*_new_key_lines(made), f"the old key {key_id} stays valid for {overlap}"], as_json=as_json)


def _check_role(kind: KeyKind, role: Role | None, *, is_first: bool) -> None:
    if kind == "admin" and role is None and not is_first:
        raise click.UsageError(f"an admin key needs --role: {', '.join(ROLES)}")
    if kind != "admin" and role is not None:
        raise click.UsageError(f"a {kind} key has no role: leave --role out")


def _described(kind: str, role: str | None) -> str:
    return f"an {role}" if role and role[0] in "aeiou" else f"a {role or kind}"


def _in_database(url: str, kind: KeyKind, name: str, environment: str, role: Role | None) -> KeyInfo:
    issued = asyncio.run(database_keys.issue_in_database(url, environment, kind, name, role))
    record = issued.record
    return KeyInfo(
        record.id,
        record.kind,
        record.name,
        record.created_at_ms,
        record.expires_at_ms,
        role=record.role,
        key=issued.text,
    )


def _find(found: Iterable[KeyInfo], key_id: str) -> KeyInfo:
    key = next((key for key in found if key.id == key_id), None)
    if key is None:
        raise CommandFailed(f"there is no key {key_id}: `flaghoist keys list` shows the ids")
    return key


def _new_key_lines(made: KeyInfo) -> list[str]:
    return [
        made.key,
        f"{made.role or made.kind} key {made.name}, id {made.id}: save the key above, it is shown only once",
    ]


def _title(key: KeyInfo) -> str:
    return f"the {key.role or key.kind} key {key.name}"


def _lines(found: Iterable[KeyInfo]) -> list[str]:
    rows = [
        [key.id, key.kind, key.role or "", key.name, instant(key.created_at_ms), _used(key), _state(key)]
        for key in found
    ]
    return table(("id", "kind", "role", "name", "created", "used", "state"), rows)


def _used(key: KeyInfo) -> str:
    return "" if key.last_used_at_ms is None else instant(key.last_used_at_ms)[: len("2027-01-31T00:00")]


def _state(key: KeyInfo) -> str:
    if key.revoked_at_ms is not None:
        return f"revoked {instant(key.revoked_at_ms)}"
    return "valid" if key.expires_at_ms is None else f"until {instant(key.expires_at_ms)}"
