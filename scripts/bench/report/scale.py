"""The needs of a million evaluations a second and of a million streams, calculated from the results of a run.

Prices are Cloudflare's public list in US dollars; `docs/scale.md` says when they were read and what they leave out.
"""

from collections.abc import Iterator, Mapping

import msgspec

from bench.measuring.results import Capacity, FanOut, Results
from bench.measuring.rounds import Timing

MILLION = 1_000_000
MONTH_SECONDS = 30 * 86_400
ORIGIN_FLAGS = 1_000
_MS_PER_SECOND = 1e3
_GIB = 1 << 30


class Prices(msgspec.Struct, frozen=True):
    """Workers Paid, a month: the plan, what it includes, and the price of each further million."""

    plan: float = 5.0
    requests_included: int = 10 * MILLION
    cpu_ms_included: int = 30 * MILLION
    million_requests: float = 0.30
    million_cpu_ms: float = 0.02

    def monthly(self, requests_per_second: float, cpu_ms_each: float) -> float:
        """Return the dollars of a month of requests, each of which takes so much CPU."""
        requests = requests_per_second * MONTH_SECONDS
        beyond = max(0.0, requests - self.requests_included) / MILLION
        cpu_beyond = max(0.0, requests * cpu_ms_each - self.cpu_ms_included) / MILLION
        return self.plan + beyond * self.million_requests + cpu_beyond * self.million_cpu_ms


class Way(msgspec.Struct, frozen=True):
    """One way to evaluate a million flags a second: requests, cores of this machine, and dollars a month if any."""

    name: str
    requests_per_second: float
    cores: float
    dollars: float | None = None


class Fleet(msgspec.Struct, frozen=True):
    """A million streams with so many per process: processes, memory, and CPU seconds of one change to all."""

    streams_each: int
    processes: int
    gib: float
    change_p95_ms: float
    cpu_seconds: float


def ways(results: Results) -> Iterator[Way]:
    """Yield the ways that the run has measured, the cheapest first."""
    if results.capacity:
        yield from _in_process(results.capacity)
    yield from _at_origins(results.origin)
    for measured in results.bootstrap.values():
        requests = MILLION / measured.flags
        cpu_ms = measured.ours_p50_ms
        name = f"Worker, answers with {measured.flags:,} flags"
        yield Way(name, requests, requests * cpu_ms / _MS_PER_SECOND, Prices().monthly(requests, cpu_ms))


def _in_process(measured: Mapping[str, Capacity]) -> Iterator[Way]:
    """Yield the ways in process, with all cores busy, as they would be."""
    found = max(measured.values(), key=lambda each: each.processes)
    yield Way("in process, answers with all flags", 0, MILLION * found.processes / found.bulk_per_second)
    yield Way("in process, one flag at a time", 0, MILLION * found.processes / found.single_per_second)


def _at_origins(measured: Mapping[str, Timing]) -> Iterator[Way]:
    """Yield the way at origins, under the default server."""
    ours = [timing for name, timing in measured.items() if name.startswith("Flaghoist")]
    for timing in ours[:1]:
        requests = MILLION / ORIGIN_FLAGS
        cores = requests * timing.p50.median / _MS_PER_SECOND
        yield Way(f"origin, answers with {ORIGIN_FLAGS:,} flags", requests, cores)


def fleets(measured: Mapping[str, FanOut]) -> Iterator[Fleet]:
    """Yield the needs of a million streams, by the measured number of streams per process."""
    for found in measured.values():
        processes = -(-MILLION // found.clients)
        gib = MILLION * found.bytes_per_client / _GIB
        yield Fleet(found.clients, processes, gib, found.p95_ms, processes * found.p95_ms / _MS_PER_SECOND)
