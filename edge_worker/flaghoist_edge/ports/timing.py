"""All ages, deadlines and pauses of the Worker in one table, in milliseconds."""

SERVE_MS = 30_000
"""Up to this age of the last read, the cached snapshot is served as it is."""

REVALIDATE_MS = 60_000
"""Up to this age, the cached snapshot is served during a new read; beyond it, the request waits for the read."""

UNCONFIRMED_MS = 90_000
"""If the origin has not confirmed the manifest for this long, the isolate asks an origin."""

BRIEF_PATIENCE_MS = 60
"""How long a request waits for an optional read, so that a lone request after a pause is fresh already."""

PATIENCE_MS = 100
"""How long a request waits for the manifest if the cached one is past `REVALIDATE_MS`."""

FIRST_READ_PATIENCE_MS = 4_000
"""How long a request waits for the first snapshot from KV, including compilation; after that, an origin answers."""

TAKE_OVER_MS = 1_500
"""How long a request waits for another request's first read before it reads itself."""

KV_DEADLINE_MS = 1_000
"""After this, a read of KV counts as failed."""

ORIGIN_DEADLINE_MS = 1_500
"""After this, a request to one origin counts as failed and the next origin is tried."""

STRONG_DEADLINE_MS = 1_000
"""After this, the Worker stops waiting for a strong answer and serves its own, marked as such."""

EVENTS_DEADLINE_MS = 5_000
"""After this, an origin counts as not having accepted events: it commits them before it answers."""

REPORT_LINGER_MS = 1_000
"""How long exposures of single-flag requests wait for others of the same isolate, to be reported together."""

REPORT_PAUSE_MS = 5_000
"""Pause before exposures that no origin accepted are reported again."""

REPORT_TAKE_OVER_MS = 20_000
"""After this, a report in another request counts as lost together with that request."""

PAGE_PATIENCE_MS = 1_000
"""How long a page waits for its flags while its site is requested; after that, it is served without them."""

SITE_DEADLINE_MS = 100_000
"""After this without response headers, the site behind the Worker counts as unavailable, as for Cloudflare's proxy."""

RETRY_MS = 1_000
"""Pause between read attempts, counted from the start of the last one by any request."""

LOAD_PAUSE_MS = 5_000
"""Pause between attempts to load a whole snapshot from an origin in the background: two at once cost memory."""

FENCE_KV_PATIENCE_MS = 150
"""How long a fence waits for KV before it asks an origin."""

FENCE_PATIENCE_MS = 2_000
"""How long a fence waits in total before the cached snapshot is served, marked as stale."""

FENCE_PAUSE_MS = 1_000
"""How long an origin's latest version is remembered: within it, a fence far beyond is answered from the cache."""

NEAR_FENCE_PAUSE_MS = 100
"""The same for a fence that a very recent commit may have set, so that quick successive commits all become visible."""

LOAD_STEP_PAUSE_MS = 3
"""Pause between steps of loading, during which requests are answered: long enough to let them run."""

POLL_MS = 10
"""How often a request checks whether another has loaded what both wait for: requests share data, never promises."""

NEW_KEYS_PAUSE_MS = 5_000
"""Pause between checks for a key that the manifest does not name yet."""

BREAKER_PAUSE_MS = 5_000
"""How long an origin that keeps failing is skipped before one request tries it again."""

MANIFEST_CACHE_SECONDS = 30
"""KV's own cache of the manifest in a data centre: the least that Cloudflare allows."""

SHARD_CACHE_SECONDS = 60
"""KV's own cache of shards: they never change, but it also remembers for this long that one was missing."""

NEVER = -(10**15)
"""The time of an event that has not happened."""
