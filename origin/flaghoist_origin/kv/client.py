"""Workers KV for the origin, over the official Cloudflare SDK: the only module that knows that SDK.

The SDK's own retries are off: they know neither our deadline nor the rate limit per key.
"""

import asyncio
import random
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol, TypeVar

import httpx
from cloudflare import APIConnectionError, APIStatusError, AsyncCloudflare, NotFoundError, omit
from cloudflare.types.kv.namespace_bulk_update_params import Body

from flaghoist.backoff import Backoff
from flaghoist_origin.kv.answers import (
    BulkAnswer,
    BulkResult,
    KeyPage,
    KvFault,
    read_answer,
    says_key_not_found,
    status_fault,
)
from flaghoist_origin.kv.attempts import Attempts
from flaghoist_origin.kv.batches import batches
from flaghoist_origin.settings.settings import Settings

T = TypeVar("T")
CLOUDFLARE_API = "https://api.cloudflare.com/client/v4"
MOST_KEYS_DELETED = 1_000
RETRIES = Backoff(base_seconds=0.25, cap_seconds=4.0, draw=random.random)


class KvClient(Protocol):
    """The operations on Workers KV that the origin needs; every method raises KvUnavailable if KV cannot be reached."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none."""

    async def put(self, key: str, value: bytes) -> None:
        """Write one value."""

    async def put_many(self, values: Mapping[str, bytes]) -> None:
        """Write all ``values``, in no guaranteed order; after an error some may be written."""

    async def delete_many(self, keys: Collection[str]) -> None:
        """Remove all ``keys``; those that do not exist count as removed."""

    async def keys(self, prefix: str) -> frozenset[str]:
        """Return all keys that begin with ``prefix``."""


class CloudflareKv:
    """`KvClient` on Cloudflare's REST API. Close it with `aclose`."""

    def __init__(
        self,
        settings: Settings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        backoff: Backoff = RETRIES,
    ) -> None:
        self._sdk = AsyncCloudflare(
            api_token=settings.kv_token,
            base_url=settings.kv_base_url or CLOUDFLARE_API,
            max_retries=0,
        )
        # The SDK reads these from the process's environment and prefers them to the token.
        self._sdk.api_email = self._sdk.api_key = self._sdk.user_service_key = None
        self._namespaces = self._sdk.kv.namespaces
        self._account, self._namespace = settings.kv_account, settings.kv_namespace
        self._attempts = Attempts(settings.kv_timeout_seconds, backoff, monotonic=monotonic, sleep=sleep)
        self._write_timeout_seconds = settings.kv_write_timeout_seconds

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sdk.close()

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none."""

        async def call() -> bytes | None:
            try:
                answer = await self._namespaces.values.with_raw_response.get(
                    key, account_id=self._account, namespace_id=self._namespace
                )
            except NotFoundError as error:
                if says_key_not_found(error.response.content):
                    return None
                raise
            return await answer.read()

        return await self._make(f"reading {key} from KV", call)

    async def put(self, key: str, value: bytes) -> None:
        """Write one value, while the lease is certainly valid."""
        await self._put_batch({key: value}, self._write_timeout_seconds)

    async def put_many(self, values: Mapping[str, bytes]) -> None:
        """Write all ``values`` in as few requests as their size allows, each with its own deadline."""
        for batch in batches(values):
            await self._put_batch(batch)

    async def delete_many(self, keys: Collection[str]) -> None:
        """Remove all ``keys``; those that do not exist count as removed."""
        wanted = list(keys)
        for start in range(0, len(wanted), MOST_KEYS_DELETED):
            await self._delete_batch(dict.fromkeys(wanted[start : start + MOST_KEYS_DELETED]))

    async def keys(self, prefix: str) -> frozenset[str]:
        """Return all keys that begin with ``prefix``; each page has its own deadline."""
        names: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await self._page(prefix, cursor)
            names.extend(key.name for key in page.result)
            cursor = page.result_info.cursor or None
        return frozenset(names)

    async def _page(self, prefix: str, cursor: str) -> KeyPage:
        async def call() -> KeyPage:
            answer = await self._namespaces.keys.with_raw_response.list(
                self._namespace, account_id=self._account, prefix=prefix, cursor=cursor or omit
            )
            return read_answer(await answer.read(), KeyPage)

        return await self._make(f"listing the keys {prefix}* of KV", call)

    async def _put_batch(self, left: dict[str, bytes], deadline_seconds: float | None = None) -> None:
        async def call() -> None:
            body = [_pair(key, value) for key, value in left.items()]
            answer = await self._namespaces.with_raw_response.bulk_update(
                self._namespace, account_id=self._account, body=body
            )
            _remove_taken(left, await answer.read())

        await self._make(f"writing {_named(left)} to KV", call, left, deadline_seconds)

    async def _delete_batch(self, left: dict[str, None]) -> None:
        async def call() -> None:
            answer = await self._namespaces.with_raw_response.bulk_delete(
                self._namespace, account_id=self._account, body=list(left)
            )
            _remove_taken(left, await answer.read())

        await self._make(f"deleting {_named(left)} from KV", call, left)

    async def _make(
        self,
        action: str,
        call: Callable[[], Awaitable[T]],
        writes: Collection[str] = (),
        deadline_seconds: float | None = None,
    ) -> T:
        return await self._attempts.make(action, lambda: _with_faults(call()), writes, deadline_seconds)


async def _with_faults(call: Awaitable[T]) -> T:
    """Return the result of an SDK call; its errors become KvFault."""
    try:
        return await call
    except APIStatusError as error:
        response = error.response
        raise status_fault(error.status_code, response.headers, response.content) from error
    except (APIConnectionError, httpx.HTTPError) as error:
        raise KvFault(f"no answer ({type(error.__cause__ or error).__name__})") from error


def _pair(key: str, value: bytes) -> Body:
    return {"key": key, "value": b64encode(value).decode(), "base64": True}


def _remove_taken(left: dict[str, T], body: bytes) -> None:
    """Remove the keys that a bulk call has completed from ``left``; raise KvFault if any remain."""
    failed = frozenset((read_answer(body, BulkAnswer).result or BulkResult()).unsuccessful_keys or ())
    for key in left.keys() - failed:
        del left[key]
    if left:
        raise KvFault(f"KV did not take {_named(left)}")


def _named(keys: Collection[str]) -> str:
    first = next(iter(keys))
    return first if len(keys) == 1 else f"{len(keys)} keys ({first} and others)"
