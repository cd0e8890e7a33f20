"""`flaghoist keys signing`: keys with which an app's backend signs contexts, and whether signatures are required."""

from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.signing_client import SigningClient, SigningKeyInfo
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import confirm, dry_run_option, examples, json_option, target_options, yes_option
from flaghoist_cli.files.secret_file import write_private
from flaghoist_cli.terminal.durations import seconds_of
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.instants import instant
from flaghoist_cli.terminal.output import show, table

private_key_option = click.option(
    "--private-key",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the private key, a JWK readable by its owner only; without it, it is printed.",
)


@click.group("signing")
def signing() -> None:
    """List, create, rotate and revoke keys that sign contexts.

    The origin stores only the public half. The private half belongs to an app's backend, which signs the context of its
    user with it, so that no page can pretend to be another user.
    """


@signing.command(
    "list", epilog=examples("flaghoist keys signing list", "flaghoist keys signing list --json --environment staging")
)
@json_option
@target_options
def list_signing_keys(as_json: bool, wanted: TargetOptions) -> None:
    """List the environment's signing keys, without their private halves, which are not stored."""
    with OriginClient(resolve(wanted)) as client:
        found = SigningClient(client).keys()
    show(found, _lines(found), as_json=as_json)


@signing.command(
    "create",
    epilog=examples(
        "flaghoist keys signing create --name shop",
        "flaghoist keys signing create --name shop --private-key signing.jwk",
    ),
)
@click.option("--name", required=True, help="Whose backend signs with the key.")
@private_key_option
@dry_run_option
@json_option
@target_options
def create_signing_key(*, name: str, path: Path | None, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Create a signing key and print its private half. It is shown only once."""
    _refuse_overwriting(path)
    if dry_run:
        show({"name": name, "created": False}, [f"would create a signing key named {name}"], as_json=as_json)
        return
    with OriginClient(resolve(wanted)) as client:
        made = SigningClient(client).create(name)
    _hand_out(made, path, [], as_json=as_json)


@signing.command(
    "rotate",
    epilog=examples(
        "flaghoist keys signing rotate 5f0c2a9e1b7d4c3a --private-key signing-2.jwk",
        "flaghoist keys signing rotate 5f0c2a9e1b7d4c3a --overlap 0s",
    ),
)
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap",
    default="1d",
    show_default=True,
    help="How long the old key's signatures stay valid: 90s, 30m, 12h, 7d.",
)
@private_key_option
@dry_run_option
@json_option
@target_options
def rotate_signing_key(
    *, key_id: str, overlap: str, path: Path | None, dry_run: bool, as_json: bool, wanted: TargetOptions
) -> None:
    """Create a successor of the signing key with this ID; signatures of both are valid for the overlap."""
    seconds = seconds_of(overlap, "--overlap")
    _refuse_overwriting(path)
    with OriginClient(resolve(wanted)) as client:
        signer = SigningClient(client)
        key = _find(signer.keys(), key_id)
        if dry_run:
            preview = f"would replace {_title(key)}; signatures of the old one would stay valid for {overlap}"
            show(key, [preview], as_json=as_json)
            return
        made = signer.rotate(key_id, seconds)
    _hand_out(made, path, [f"signatures of the old key {key_id} stay valid for {overlap}"], as_json=as_json)


@signing.command(
    "revoke",
    epilog=examples(
        "flaghoist keys signing revoke 5f0c2a9e1b7d4c3a", "flaghoist keys signing revoke 5f0c2a9e1b7d4c3a --yes"
    ),
)
@click.argument("key_id", metavar="ID")
@yes_option
@dry_run_option
@json_option
@target_options
def revoke_signing_key(key_id: str, yes: bool, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Revoke the signing key with this ID: all contexts that it has signed become invalid."""
    with OriginClient(resolve(wanted)) as client:
        signer = SigningClient(client)
        key = _find(signer.keys(), key_id)
        if dry_run:
            show(key, [f"would revoke {_title(key)}"], as_json=as_json)
            return
        confirm(f"Revoke {_title(key)}? Contexts that it has signed become invalid at once.", yes=yes)
        revoked = signer.revoke(key_id)
    show(revoked, [f"revoked {_title(revoked)}"], as_json=as_json)


@signing.command(
    "policy",
    epilog=examples(
        "flaghoist keys signing policy",
        "flaghoist keys signing policy --require",
        "flaghoist keys signing policy --no-require",
    ),
)
@click.option(
    "--require/--no-require",
    "is_required",
    default=None,
    help="Accept only signed contexts from client keys, or unsigned ones too.",
)
@dry_run_option
@json_option
@target_options
def policy(is_required: bool | None, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Show or set whether client keys must send signed contexts."""
    with OriginClient(resolve(wanted)) as client:
        signer = SigningClient(client)
        if is_required is None:
            is_so = signer.is_required()
            show({"required": is_so}, [_policy_line(client.target.environment, is_so)], as_json=as_json)
        elif dry_run:
            preview = f"would let {_policy_line(client.target.environment, is_required, 'take')}"
            show({"required": is_required, "written": False}, [preview], as_json=as_json)
        else:
            is_so = signer.require(is_required)
            show({"required": is_so}, [_policy_line(client.target.environment, is_so)], as_json=as_json)


def _policy_line(environment: str, is_required: bool, takes: str = "takes") -> str:
    from_client_keys = "signed contexts only" if is_required else "signed and unsigned contexts"
    return f"{environment} {takes} {from_client_keys} from client keys"


def _refuse_overwriting(path: Path | None) -> None:
    if path is not None and path.exists():
        raise CommandFailed(f"{path} exists already: name another file, because its key may be in use")


def _hand_out(made: SigningKeyInfo, path: Path | None, further: list[str], *, as_json: bool) -> None:
    """Output the private half: into the given file only, or on standard output."""
    private = msgspec.json.encode(made.private_jwk)
    if path is None:
        said = [private.decode(), f"{_title(made)}, id {made.id}: save the private key above, it is shown only once"]
        show(made, [*said, *further], as_json=as_json)
        return
    write_private(path, private + b"\n")
    shown = msgspec.structs.replace(made, private_jwk=None, private_pem="")
    show(
        shown,
        [f"{_title(made)}, id {made.id}: its private key is in {path} and nowhere else", *further],
        as_json=as_json,
    )


def _find(found: Iterable[SigningKeyInfo], key_id: str) -> SigningKeyInfo:
    key = next((key for key in found if key.id == key_id), None)
    if key is None:
        raise CommandFailed(f"there is no signing key {key_id}: `flaghoist keys signing list` shows the ids")
    return key


def _title(key: SigningKeyInfo) -> str:
    return f"the signing key {key.name}"


def _lines(found: Iterable[SigningKeyInfo]) -> list[str]:
    rows = [[key.id, key.name, instant(key.created_at_ms), _state(key)] for key in found]
    return table(("id", "name", "created", "state"), rows)


def _state(key: SigningKeyInfo) -> str:
    if key.revoked_at_ms is not None:
        return f"revoked {instant(key.revoked_at_ms)}"
    return "valid" if key.expires_at_ms is None else f"until {instant(key.expires_at_ms)}"
