"""Workers KV with metrics: each call is counted with its time and outcome, and is a span of its own."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.observability.metrics import KV_CALLS
from flaghoist_origin.observability.traces import span


class ObservedKv:
    """A `KvClient` that calls ``kv`` and records each call."""

    def __init__(self, kv: KvClient) -> None:
        self._kv = kv

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none."""
        with _watched("get"):
            return await self._kv.get(key)

    async def put(self, key: str, value: bytes) -> None:
        """Write one value."""
        with _watched("put"):
            await self._kv.put(key, value)

    async def put_many(self, values: Mapping[str, bytes]) -> None:
        """Write all ``values``."""
        with _watched("put"):
            await self._kv.put_many(values)

    async def delete_many(self, keys: Collection[str]) -> None:
        """Remove all ``keys``."""
        with _watched("delete"):
            await self._kv.delete_many(keys)

    async def keys(self, prefix: str) -> frozenset[str]:
        """Return all keys that begin with ``prefix``."""
        with _watched("list"):
            return await self._kv.keys(prefix)


@contextmanager
def _watched(operation: str) -> Iterator[None]:
    started, outcome = perf_counter(), "failed"
    with span(f"kv {operation}"):
        try:
            yield
            outcome = "done"
        finally:
            KV_CALLS.labels(operation, outcome).observe(perf_counter() - started)
