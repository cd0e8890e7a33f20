"""What an origin sends of a flag set, and snapshots and providers that were made of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from openfeature.evaluation_context import EvaluationContext

from flaghoist.model.flags import Flag, FlagSet, Group, Segment, SnapshotVersion
from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.snapshot.applying import apply_steps
from flaghoist.sdk.snapshot.documents import decode_document
from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.snapshot.sealing import Sealer
from flaghoist.steps import complete
from tests.builders import FlagBuilder, SegmentBuilder, a_flag, a_flagset
from tests.published import ENVIRONMENT, SERVER_KEY

SEALER = Sealer(SERVER_KEY.encode(), ENVIRONMENT)
ORIGIN = "http://origin.test"
Part = FlagBuilder | SegmentBuilder | Flag | Segment | Group
COLLECTIONS = ("flags", "segments", "groups")


def a_release(number: int) -> FlagBuilder:
    """Return the flag ``release``, whose value says which version it is of."""
    return a_flag("release").client_visible().variations("now", now=f"v{number}").on().version(number)


def whole(flagset: FlagSet, version: str = "1-1", environment: str = ENVIRONMENT) -> bytes:
    """Return all of a flag set as an origin sends it."""
    lists = {name: list(getattr(flagset, name).values()) for name in COLLECTIONS}
    return msgspec.json.encode({**_versioned(version), "environment": environment, **lists})


def change(before: FlagSet, after: FlagSet, since: str, version: str) -> bytes:
    """Return what takes one flag set to another, as an origin sends it."""
    lists: dict[str, list[Any]] = {}
    removed: dict[str, list[str]] = {}
    for name in COLLECTIONS:
        old, new = getattr(before, name), getattr(after, name)
        lists[name] = [each for key, each in new.items() if key not in old or _json(old[key]) != _json(each)]
        removed[name] = [key for key in old if key not in new]
    members = {**_versioned(version), "environment": ENVIRONMENT, "since": since, "removed": removed}
    return msgspec.json.encode({**members, **lists})


def applied(data: bytes, current: Snapshot | None = None) -> Snapshot:
    """Return the snapshot that an origin's document leads to."""
    return complete(apply_steps(decode_document(data), current, SEALER))


def a_snapshot(*parts: Part, version: str = "1-1") -> Snapshot:
    """Return a snapshot of these flags, segments and groups."""
    return applied(whole(a_flagset(*parts), version))


def a_flag_file(folder: Path, *parts: Part, **members: object) -> Path:
    """Write a flag file of these parts."""
    flagset = a_flagset(*parts)
    lists = {name: list(getattr(flagset, name).values()) for name in COLLECTIONS}
    path = folder / "flags.json"
    path.write_bytes(msgspec.json.encode({**lists, **members}))
    return path


def offline_options(bootstrap_file: Path | None, **changed: Any) -> Options:
    """Return options of a provider that asks nobody."""
    return Options(**{"key": SERVER_KEY, "offline": True, "bootstrap_file": bootstrap_file, **changed})


def an_offline_provider(folder: Path, *parts: Part, **members: object) -> FlaghoistProvider:
    """Return a provider that was started from a flag file of these parts and asks nobody."""
    provider = FlaghoistProvider(offline_options(a_flag_file(folder, *parts, **members)))
    provider.initialize(EvaluationContext())
    return provider


def version_of(text: str) -> SnapshotVersion:
    """Return the version that a text such as ``1-42`` names."""
    epoch, version = text.split("-")
    return SnapshotVersion(int(epoch), int(version))


def values_of(snapshot: Snapshot, context: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of each flag for a context."""
    outcomes = snapshot.engine.evaluate_all(context, client_only=False)
    return {each.flag_key: msgspec.json.decode(each.value_json or b"null") for each in outcomes}


def _versioned(text: str) -> dict[str, int]:
    version = version_of(text)
    return {"epoch": version.epoch, "version": version.version}


def _json(entity: object) -> bytes:
    return msgspec.json.encode(entity)
