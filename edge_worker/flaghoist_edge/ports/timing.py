"""Every age, deadline and pause of the Worker in one table, in milliseconds, and the one way to bound an await."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from flaghoist_edge.ports.platform import EdgeClock, Unreachable

T = TypeVar("T")

SERVE_MS = 30_000
"""Up to this age of the last read, memory is served as it is."""

REVALIDATE_MS = 60_000
"""Up to this age, memory is served while a new read goes on; beyond it, the read is waited for."""

UNCONFIRMED_MS = 90_000
"""A manifest that the origin has not confirmed for this long makes the isolate ask an origin."""

BRIEF_PATIENCE_MS = 60
"""What a request waits for a read that need not be waited for, so that a lone one after a pause is fresh already."""

PATIENCE_MS = 100
"""What a request waits for the manifest when memory is past `REVALIDATE_MS`."""

FIRST_READ_PATIENCE_MS = 4_000
"""What a request waits for a first snapshot out of KV, compiling it included; after that, an origin answers."""

TAKE_OVER_MS = 1_500
"""What a request waits for the first read of another before it reads itself."""

KV_DEADLINE_MS = 1_000
"""After this, one read of KV counts as failed."""

ORIGIN_DEADLINE_MS = 1_500
"""After this, a request to one origin counts as failed and the next origin is tried."""

STRONG_DEADLINE_MS = 1_000
"""After this, a strong answer is given up and the edge's own is given, marked."""

EVENTS_DEADLINE_MS = 5_000
"""After this, an origin counts as not having taken events: it commits them before it answers."""

REPORT_LINGER_MS = 1_000
"""How long exposures of single look-ups wait for others of the same isolate before they are reported together."""

REPORT_PAUSE_MS = 5_000
"""Pause before exposures are reported again that no origin took."""

REPORT_TAKE_OVER_MS = 20_000
"""After this, a report of another request counts as dead, with that request."""

PAGE_PATIENCE_MS = 1_000
"""What a page waits for its flags, its site being asked meanwhile; after that, it goes out without them."""

SITE_DEADLINE_MS = 100_000
"""After this without the head of an answer, the site behind the Worker counts as away, as for Cloudflare's proxy."""

RETRY_MS = 1_000
"""Pause between attempts to read, counted from the start of the last one, whoever made it."""

LOAD_PAUSE_MS = 5_000
"""Pause between attempts to load a whole snapshot from an origin behind the answers: two at once cost memory."""

FENCE_KV_PATIENCE_MS = 150
"""What a fence waits for KV before it asks an origin."""

FENCE_PATIENCE_MS = 2_000
"""What a fence waits in all before memory is served, marked."""

FENCE_PAUSE_MS = 1_000
"""How long an origin's latest version is remembered: within it, a fence far beyond is answered from memory."""

NEAR_FENCE_PAUSE_MS = 100
"""The same for a fence that a commit of this very second may have raised, so that quick commits in a row all show."""

LOAD_STEP_PAUSE_MS = 3
"""Pause between steps of loading, while requests are answered from what is held: long enough to be a real one."""

POLL_MS = 10
"""How often a request looks whether another has brought what both wait for: requests share data, never promises."""

KEY_DOUBT_MS = 5_000
"""Pause between looks for a key that the manifest does not name yet."""

BREAKER_PAUSE_MS = 5_000
"""How long an origin that keeps failing is left alone before one request tries it again."""

MANIFEST_CACHE_SECONDS = 30
"""KV's own cache of the manifest in a data centre: the least that Cloudflare allows."""

SHARD_CACHE_SECONDS = 60
"""KV's own cache of shards: they never change, but it also remembers for so long that one was not there yet."""

NEVER = -(10**15)
"""The time of what has not happened."""


async def within(clock: EdgeClock, deadline_ms: int, work: Coroutine[None, None, T], what: str) -> T:
    """Return what ``work`` brings; cancel it and raise Unreachable naming ``what`` when it takes longer."""
    task = asyncio.create_task(work)
    try:
        if await clock.wait(task, deadline_ms):
            return task.result()
    finally:
        task.cancel()
    raise Unreachable(f"{what} did not answer within {deadline_ms} ms")
