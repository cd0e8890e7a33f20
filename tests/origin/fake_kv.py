"""Workers KV in memory: it keeps a log, can be told to fail, and refuses calls that no publisher should make."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flaghoist.snapshot.manifest import Manifest, decode_manifest, manifest_key, shard_key
from flaghoist_origin.kv.answers import KvUnavailable
from flaghoist_origin.kv.client import KvClient

Method = Literal["get", "put", "put_many", "delete_many", "keys"]
Fault = Literal["fail", "stall", "lose"]
ALL: frozenset[Method] = frozenset({"get", "put", "put_many", "delete_many", "keys"})


@dataclass(frozen=True)
class KvCall:
    """One call: the keys that it named and how many bytes it carried."""

    method: Method
    keys: tuple[str, ...]
    bytes: int = 0


@dataclass
class FakeKv:
    """A `KvClient` whose ``values`` tests read and change directly.

    ``faults`` says per method what goes wrong: "fail" raises, "stall" never answers, "lose" answers and stores nothing.
    ``allowed`` are the methods that may be called at all. ``after`` runs when a call has succeeded.
    """

    values: dict[str, bytes] = field(default_factory=dict)
    allowed: frozenset[Method] = ALL
    faults: dict[Method, Fault] = field(default_factory=dict)
    calls: list[KvCall] = field(default_factory=list)
    after: Callable[[KvCall], None] = lambda _: None
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    has_lost: bool = False

    async def get(self, key: str) -> bytes | None:
        await self._enter(KvCall("get", (key,)))
        return self.values.get(key)

    async def put(self, key: str, value: bytes) -> None:
        self._refuse_dangling(key, value)
        call = KvCall("put", (key,), len(value))
        if await self._enter(call):
            self.values[key] = value
        self.after(call)

    async def put_many(self, values: Mapping[str, bytes]) -> None:
        assert values, "a bulk write of nothing"
        assert not any(key.startswith("m:") for key in values), "the manifest must be written last and alone"
        call = KvCall("put_many", tuple(values), sum(map(len, values.values())))
        if await self._enter(call):
            self.values.update(values)
        self.after(call)

    async def delete_many(self, keys: Collection[str]) -> None:
        assert keys, "a bulk delete of nothing"
        assert not set(keys) & self._named(), "deleted a shard that a manifest names"
        if await self._enter(KvCall("delete_many", tuple(keys))):
            for key in keys:
                self.values.pop(key, None)

    async def keys(self, prefix: str) -> frozenset[str]:
        await self._enter(KvCall("keys", (prefix,)))
        return frozenset(key for key in self.values if key.startswith(prefix))

    def fault(self, fault: Fault, *methods: Method) -> None:
        """Let ``methods``, by default all, go wrong from now on."""
        self.faults.update(dict.fromkeys(methods or ALL, fault))

    def heal(self) -> None:
        """Let everything work again; calls that stall now stay stalled."""
        self.faults.clear()

    def written(self) -> list[str]:
        """Return the keys of all values written so far, in order."""
        return [key for call in self.calls if call.method in {"put", "put_many"} for key in call.keys]

    def forget_calls(self) -> None:
        """Begin the log anew."""
        self.calls.clear()

    def manifest(self, environment: str = "production") -> Manifest:
        """Return the manifest that an edge would read now."""
        return decode_manifest(self.values[manifest_key(environment)])

    def missing_shards(self, environment: str = "production") -> set[str]:
        """Return the hashes of shards that the manifest names and KV lacks."""
        named = {shard.hash for shard in self.manifest(environment).shards}
        return {name for name in named if shard_key(environment, name) not in self.values}

    async def _enter(self, call: KvCall) -> bool:
        """Log the call and let its fault happen; False when it is to have no effect."""
        assert call.method in self.allowed, f"unexpected call: {call.method} of {call.keys}"
        self.calls.append(call)
        fault = self.faults.get(call.method)
        if fault == "fail":
            raise KvUnavailable(f"{call.method} of {call.keys[0]} failed: told to")
        if fault == "stall":
            self.stalled.set()
            await self.released.wait()
        self.has_lost |= fault == "lose"
        return fault != "lose"

    def _refuse_dangling(self, key: str, value: bytes) -> None:
        environment = key.removeprefix("m:")
        assert key == manifest_key(environment), f"{key} is written alone and is no manifest"
        if self.has_lost:
            return
        absent = [s.hash for s in decode_manifest(value).shards if shard_key(environment, s.hash) not in self.values]
        assert not absent, f"the manifest names shards that KV lacks: {absent}"

    def _named(self) -> set[str]:
        manifests = {key[2:]: decode_manifest(data) for key, data in self.values.items() if key.startswith("m:")}
        return {shard_key(name, shard.hash) for name, manifest in manifests.items() for shard in manifest.shards}


def as_client(kv: FakeKv) -> KvClient:
    """Return the fake as what the publisher takes; mypy holds here that it is one."""
    return kv
