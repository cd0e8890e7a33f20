"""The results of a run, also in ``build/bench.json``. Times are milliseconds, sizes bytes, ratios of medians."""

from collections.abc import Mapping

import msgspec

from bench.measuring.rounds import Spread, Timing

Ratio = float


class Sized(msgspec.Struct, frozen=True):
    """The size of an answer, in total and per flag."""

    bytes: int
    bytes_per_flag: float


class Measured(msgspec.Struct, frozen=True):
    """One flag set: the figures with targets, and every subject's timing below them. ``None`` was not measured."""

    flags: int
    ours_p50_ms: float
    ours_p95_ms: float
    ours_p99_ms: float
    empty_python_p50_ms: float
    empty_js_p50_ms: float | None
    fastest_js: str | None
    fastest_js_p50_ms: float | None
    launchdarkly_cached_p50_ms: float | None
    ours_to_fastest_js: Ratio | None
    ours_to_launchdarkly_cached: Ratio | None
    ours_to_empty_python: Ratio
    same_user_to_empty_python: Ratio
    not_modified_to_empty_python: Ratio
    subjects: Mapping[str, Timing]
    sizes: Mapping[str, Sized]


class ColdStart(msgspec.Struct, frozen=True):
    """From an empty isolate to the first correct answer.

    ``ours`` starts when the interpreter has started, and includes the import of the product; ``ours_imported`` starts
    after that import, which Cloudflare stores in a memory image. ``launchdarkly`` is the whole start of its Worker,
    ``launchdarkly_alone`` the same without the start of an empty JavaScript Worker.
    """

    ours: Spread
    ours_imported: Spread
    launchdarkly: Spread
    launchdarkly_alone: Spread
    interpreter: Spread
    ours_to_launchdarkly: Ratio
    imported_to_launchdarkly: Ratio


class Refreshes(msgspec.Struct, frozen=True):
    """Requests while one flag changes each second, compared with requests without changes, in turns.

    ``late`` changes were not served to the first request that required them.
    """

    flags: int
    quiet_p50: Spread
    quiet_p99: Spread
    changing_p50: Spread
    changing_p99: Spread
    p99_ratio: Ratio
    changes: int
    late: int
    kv_values_read_per_change: float


class Footprint(msgspec.Struct, frozen=True):
    """Memory in bytes.

    ``worker_interpreter`` is the WebAssembly memory of the Worker, which contains all of Python's; ``worker_growth``
    what product, flags and requests added to that of the bare interpreter; ``process_growth`` the same for workerd's
    resident memory. ``cpython`` is the allocation of the engine of 1,000 flags in CPython, by tracemalloc.
    """

    flags: int
    worker_interpreter: int
    worker_growth: int
    process_growth: int
    cpython_flags: int
    cpython: int


class Growth(msgspec.Struct, frozen=True):
    """A straight line through p50: µs per additional flag, and at none; ``exponent`` of a power law, 1 if linear."""

    us_per_flag: float
    us_at_none: float
    exponent: float


class InProcess(msgspec.Struct, frozen=True):
    """A Python SDK in CPython: µs for one flag, ms for all, and with 1,000 flags its memory in bytes.

    ``allocated_bytes`` is by tracemalloc, ``resident_bytes`` is the growth of the process.
    """

    single_us: Spread
    bulk_ms: Spread
    bytes: int
    single_p99_us: Spread | None = None
    allocated_bytes: int | None = None
    resident_bytes: int | None = None


class Capacity(msgspec.Struct, frozen=True):
    """Evaluations per second of so many processes at once: one flag at a time, and in answers with all flags."""

    processes: int
    flags: int
    single_per_second: int
    bulk_per_second: int


class FanOut(msgspec.Struct, frozen=True):
    """Changes to so many streams of one origin process: from the commit to each client, and memory of the origin."""

    clients: int
    changes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bytes_per_client: int
    missed: int


class Results(msgspec.Struct, frozen=True):
    """One run, or the medians of several, which are then in ``runs``."""

    started_at: str
    quick: bool
    seconds: int
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    bootstrap: Mapping[str, Measured]
    others: Mapping[str, Measured] = {}
    growth: Growth | None = None
    cold: Mapping[str, ColdStart] = {}
    refresh: Refreshes | None = None
    footprint: Footprint | None = None
    in_process: Mapping[str, Mapping[str, InProcess]] = {}
    origin: Mapping[str, Timing] = {}
    skipped: tuple[str, ...] = ()
    streams: Mapping[str, FanOut] = {}
    runs: tuple["Results", ...] = ()
    capacity: Mapping[str, Capacity] = {}
