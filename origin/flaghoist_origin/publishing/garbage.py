"""Delete shards from KV a day after the last manifest that named them: until then a slow edge may still fetch them."""

from collections.abc import Set as AbstractSet

from flaghoist.snapshot.manifest import shard_key
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.storage.environments.publication import PublicationStorage

KEPT_MS = 24 * 60 * 60 * 1000


async def collect_garbage(
    store: PublicationStorage, kv: KvClient, environment: str, now_ms: int, named: AbstractSet[str]
) -> tuple[str, ...]:
    """Delete the stale shards of an environment and return their hashes; call it holding the environment's lease.

    ``named`` are the shards of the current manifest; they stay whatever the database says.
    """
    stale = tuple(name for name in await store.stale_shards(environment, now_ms - KEPT_MS) if name not in named)
    if stale:
        await kv.delete_many([shard_key(environment, name) for name in stale])
        await store.forget_shards(environment, stale)
    return stale
