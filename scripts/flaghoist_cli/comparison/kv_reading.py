"""Read what Workers KV serves, without the origin."""

import asyncio

from flaghoist.snapshot.manifest import decode_manifest, manifest_key, shard_key, verify_shard
from flaghoist_cli.client.target import OriginTarget, TargetOptions
from flaghoist_cli.comparison.kv_contents import KvContents, contents_of
from flaghoist_cli.data.kv import find_kv
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.settings.settings import Settings


def read_kv(wanted: TargetOptions, target: OriginTarget) -> KvContents:
    """Return the content of KV; raise CommandFailed if there is none, KvUnavailable if KV does not answer."""
    return asyncio.run(_read(_settings(wanted, target), target.environment))


def kv_secret(wanted: TargetOptions, target: OriginTarget) -> str:
    """Return the secret by which identifiers in KV are sealed; raise CommandFailed where KV is not known."""
    return _settings(wanted, target).secret


def _settings(wanted: TargetOptions, target: OriginTarget) -> Settings:
    found = find_kv(wanted.data_dir, target.origin)
    if found is None:
        raise CommandFailed(
            "KV is not known: set FLAGHOIST_KV_ACCOUNT, FLAGHOIST_KV_NAMESPACE, FLAGHOIST_KV_TOKEN "
            "and FLAGHOIST_SECRET to the same values as for the origin"
        )
    return found


async def _read(settings: Settings, environment: str) -> KvContents:
    kv = CloudflareKv(settings)
    try:
        found = await kv.get(manifest_key(environment))
        if found is None:
            raise CommandFailed(f"KV holds nothing for {environment}: run `flaghoist publish`")
        manifest = decode_manifest(found)
        blobs = {ref.hash: await _shard(kv, environment, ref.hash) for ref in manifest.shards}
    finally:
        await kv.aclose()
    return contents_of(str(manifest.snapshot_version), manifest.shards, blobs)


async def _shard(kv: CloudflareKv, environment: str, shard_hash: str) -> bytes:
    data = await kv.get(shard_key(environment, shard_hash))
    if data is None:
        raise CommandFailed(f"KV lacks shard {shard_hash[:12]}… of {environment}: run `flaghoist publish`")
    verify_shard(shard_hash, data)
    return data
