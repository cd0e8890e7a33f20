"""The content of Workers KV for an environment: its manifest, and each flag and segment in its shards."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.manifest import ShardRef, decode_manifest, manifest_key, shard_key, verify_shard
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireFlag, WireSegment, decode_flags, decode_segments
from flaghoist_cli.client.target import OriginTarget, read_running
from flaghoist_cli.data.settings import local_settings
from flaghoist_cli.files.differences import Difference, Kind, MemberChange
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.settings.settings import Settings, read_settings


class KvContents(msgspec.Struct, frozen=True):
    """A snapshot as the edge reads it: versions of flags are included, identifiers are sealed."""

    version: str
    flags: Mapping[str, WireFlag]
    segments: Mapping[str, WireSegment]


def kv_settings(data_dir: Path, target: OriginTarget) -> Settings:
    """Return how to reach KV: from the process's environment, else from the running `flaghoist dev`."""
    if "FLAGHOIST_KV_NAMESPACE" in os.environ:
        return read_settings()
    running = read_running(data_dir)
    if running is None or running.origin != target.origin:
        raise CommandFailed(
            "KV is not known: set FLAGHOIST_KV_ACCOUNT, FLAGHOIST_KV_NAMESPACE, FLAGHOIST_KV_TOKEN "
            "and FLAGHOIST_SECRET to the same values as for the origin"
        )
    return local_settings(data_dir, origin_url=running.origin, kv_url=running.kv)


async def read_kv(settings: Settings, environment: str) -> KvContents:
    """Return the content of KV; raise CommandFailed if there is none, KvUnavailable if KV does not answer."""
    kv = CloudflareKv(settings)
    try:
        found = await kv.get(manifest_key(environment))
        if found is None:
            raise CommandFailed(f"KV holds nothing for {environment}: run `flaghoist publish`")
        manifest = decode_manifest(found)
        blobs = {ref.hash: await _shard(kv, environment, ref.hash) for ref in manifest.shards}
    finally:
        await kv.aclose()
    return _contents(str(manifest.snapshot_version), manifest.shards, blobs)


def packed_contents(flagset: FlagSet, secret: str, environment: str, version: str) -> KvContents:
    """Return the content that KV would have for a flag set."""
    packed = pack(flagset, Sealer(secret.encode(), environment)).packed
    return _contents(version, packed.shards, packed.blobs)


def compare_contents(before: KvContents, after: KvContents) -> tuple[Difference, ...]:
    """Return the flags and segments that differ, and whether the version of the flag or only the bytes differ."""
    segments = _compare("segment", before.segments, after.segments)
    return (*segments, *_compare("flag", before.flags, after.flags))


async def _shard(kv: CloudflareKv, environment: str, shard_hash: str) -> bytes:
    data = await kv.get(shard_key(environment, shard_hash))
    if data is None:
        raise CommandFailed(f"KV lacks shard {shard_hash[:12]}… of {environment}: run `flaghoist publish`")
    verify_shard(shard_hash, data)
    return data


def _contents(version: str, refs: Iterable[ShardRef], blobs: Mapping[str, bytes]) -> KvContents:
    flags: dict[str, WireFlag] = {}
    segments: dict[str, WireSegment] = {}
    for ref in refs:
        if ref.kind == "flags":
            flags.update((flag.key, flag) for flag in decode_flags(blobs[ref.hash]))
        else:
            segments.update((segment.key, segment) for segment in decode_segments(blobs[ref.hash]))
    return KvContents(version, flags, segments)


def _compare(
    kind: Kind, before: Mapping[str, WireFlag | WireSegment], after: Mapping[str, WireFlag | WireSegment]
) -> Iterable[Difference]:
    for key in sorted({*before, *after}):
        if key not in before:
            yield Difference(kind, key, "added")
        elif key not in after:
            yield Difference(kind, key, "removed")
        elif before[key] != after[key]:
            yield Difference(kind, key, "changed", _members(before[key], after[key]))


def _members(before: WireFlag | WireSegment, after: WireFlag | WireSegment) -> tuple[MemberChange, ...]:
    names = (name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name))
    return tuple(MemberChange(name, _text(getattr(before, name)), _text(getattr(after, name))) for name in names)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
