"""The two sides of a comparison: a flag file, an origin's environment, or Workers KV."""

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import OriginTarget, TargetOptions, resolve
from flaghoist_cli.comparison.kv_contents import KvContents, compare_contents, packed_contents
from flaghoist_cli.files.differences import Difference, compare
from flaghoist_cli.files.flag_files import read_flag_set
from flaghoist_cli.installation.deferred import INSTALL_ORIGIN, DeferredModule

if TYPE_CHECKING:
    from flaghoist_cli.comparison import kv_reading
else:
    kv_reading = DeferredModule("flaghoist_cli.comparison.kv_reading", INSTALL_ORIGIN)

Place = Literal["origin", "kv", "url", "file"]
SCHEMES = ("http://", "https://")


class Side(msgspec.Struct, frozen=True):
    """One side as it was read: its documents, or, for KV, its packed contents."""

    name: str
    version: str
    flagset: FlagSet | None = None
    contents: KvContents | None = None


def place_of(name: str) -> Place:
    """Return the source that an argument names."""
    if name in {"origin", "kv"}:
        return "kv" if name == "kv" else "origin"
    return "url" if name.startswith(SCHEMES) else "file"


def compare_sources(before: str, after: str, wanted: TargetOptions) -> tuple[Side, Side, tuple[Difference, ...]]:
    """Return both sides and their differences; against KV, documents are compared in the form that the edge reads."""
    one, other = _read(before, wanted), _read(after, wanted)
    if one.flagset is not None and other.flagset is not None:
        return one, other, compare(one.flagset, other.flagset)
    return one, other, compare_contents(_packed(one, wanted), _packed(other, wanted))


def flags_of(path: str, wanted: TargetOptions) -> FlagSet:
    """Return the flags of the file at ``path``, or of the origin in ``wanted`` if ``path`` is empty."""
    if path:
        return read_flag_set(path)
    with OriginClient(resolve(wanted)) as client:
        return client.snapshot().flagset


def _read(name: str, wanted: TargetOptions) -> Side:
    match place_of(name):
        case "file":
            return Side(name, "", flagset=read_flag_set(name))
        case "kv":
            contents = kv_reading.read_kv(wanted, resolve(wanted))
            return Side(name, contents.version, contents=contents)
        case "origin":
            return _read_origin(name, resolve(wanted))
        case "url":
            return _read_origin(name, resolve(_at(name, wanted)))


def _read_origin(name: str, target: OriginTarget) -> Side:
    with OriginClient(target) as client:
        snapshot = client.snapshot()
    return Side(name, snapshot.version, flagset=snapshot.flagset)


def _at(url: str, wanted: TargetOptions) -> TargetOptions:
    """Return the target of an address such as ``https://flags.example.com/staging``."""
    parts = urlsplit(url)
    environment = parts.path.strip("/") or wanted.environment
    return msgspec.structs.replace(wanted, origin=f"{parts.scheme}://{parts.netloc}", environment=environment)


def _packed(side: Side, wanted: TargetOptions) -> KvContents:
    if side.contents is not None:
        return side.contents
    target = resolve(wanted)
    secret = kv_reading.kv_secret(wanted, target)
    return packed_contents(side.flagset or FlagSet(), secret, target.environment, side.version)
