"""The origin, environment and key of a command: as given, else those of the running `flaghoist dev`."""

import re
from pathlib import Path
from typing import Literal, TypeVar

import httpx
import msgspec

from flaghoist_cli.terminal.failure import CommandFailed

_BASE_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
KeyKind = Literal["admin", "client", "server"]
Role = Literal["viewer", "editor", "publisher", "owner"]
Record = TypeVar("Record", bound=msgspec.Struct)

DATA_DIR = Path(".flaghoist")
ENVIRONMENT = "production"


class Running(msgspec.Struct, frozen=True):
    """The addresses and the process id of a running `flaghoist dev`, from ``dev.json``."""

    origin: str
    edge: str
    environment: str
    kv: str
    pid: int


class LocalKeys(msgspec.Struct, frozen=True):
    """The keys of the local stack, in ``keys.json``."""

    admin: str
    client: str
    server: str


class OriginTarget(msgspec.Struct, frozen=True):
    """The addresses (base URLs without a slash at the end; ``edge`` is empty if unknown), environment and key."""

    origin: str
    environment: str
    key: str
    edge: str = ""


class TargetOptions(msgspec.Struct, frozen=True):
    """The caller's options; empty members were not given."""

    origin: str = ""
    environment: str = ""
    key: str = ""
    edge: str = ""
    data_dir: Path = DATA_DIR


def running_file(data_dir: Path) -> Path:
    """Return the file in which `flaghoist dev` stores its addresses."""
    return data_dir / "dev.json"


def keys_file(data_dir: Path) -> Path:
    """Return the file in which `flaghoist dev` stores its keys."""
    return data_dir / "keys.json"


def resolve(wanted: TargetOptions, kind: KeyKind = "admin") -> OriginTarget:
    """Return the target, with a local key of ``kind`` unless the caller gave a key.

    Raises CommandFailed if neither the caller nor a running `flaghoist dev` provides it.
    """
    running = read_running(wanted.data_dir)
    if not wanted.origin and running is None:
        raise CommandFailed(
            f"no origin is known: start `flaghoist dev` here (it leaves its address in {wanted.data_dir}), "
            "or give --origin or FLAGHOIST_ORIGIN"
        )
    origin = (wanted.origin or (running.origin if running else "")).rstrip("/")
    local = running if running and running.origin == origin else None
    environment = wanted.environment or (local.environment if local else ENVIRONMENT)
    key = wanted.key or (_local_key(wanted.data_dir, kind) if local else "")
    if not key:
        raise CommandFailed(f"no key for {origin}: give one with --key or FLAGHOIST_KEY")
    edge = (wanted.edge or (local.edge if local else "")).rstrip("/")
    check_base_url("--origin", origin)
    if edge:
        check_base_url("--edge", edge)
    if not (key.isascii() and key.isprintable()):
        raise CommandFailed("the key contains invalid characters: copy it again")
    return OriginTarget(origin, environment, key, edge)


def check_base_url(option: str, url: str) -> None:
    """Raise CommandFailed naming ``option`` unless paths can be appended to ``url``."""
    try:
        is_url = bool(_BASE_URL.fullmatch(url) and httpx.URL(url).host)
    except httpx.InvalidURL:
        is_url = False
    if not is_url:
        raise CommandFailed(f"{option} {url} is not a base URL: give one such as https://flags.example.com")


def read_running(data_dir: Path) -> Running | None:
    """Return the addresses of the last `flaghoist dev` in this folder, or None."""
    return _read(running_file(data_dir), Running)


def read_keys(data_dir: Path) -> LocalKeys | None:
    """Return the local stack's keys, or None when there are none yet."""
    return _read(keys_file(data_dir), LocalKeys)


def _local_key(data_dir: Path, kind: KeyKind) -> str:
    keys = read_keys(data_dir)
    return str(getattr(keys, kind)) if keys else ""


def _read(path: Path, kind: type[Record]) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandFailed(f"{path} cannot be read ({error}): remove it and start `flaghoist dev` again") from error
