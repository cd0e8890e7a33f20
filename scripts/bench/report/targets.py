"""The targets, and which of them are met."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from bench.measuring.plan import MIXED
from bench.measuring.results import Measured, Results

Verdict = Literal["met", "within 10 %", "missed"]
TIMES = "\N{MULTIPLICATION SIGN}"
TOLERANCE = 1.1
P95_MS = 10.0
_STREAM_P95_MS = 200.0
_REFRESH_RATIO = 1.5
_COLD_RATIO = 2.0
_MIX_RATIOS = (1.5, 5.0)
_KV_VALUES_PER_CHANGE = 2.0
_WORKER_BYTES = 100_000_000
_CPYTHON_BYTES = 3_000_000
_SDK_P99_MS = 1.0
_OURS = "Flaghoist"

RATIOS: Mapping[str, tuple[float, float, float]] = {
    "100": (1.7, 0.6, 1.25),
    "1000": (0.8, 0.12, 2.0),
    "10000": (0.45, 0.07, 6.0),
}
"""By number of flags: the highest ratio of p50 to the fastest peer, LaunchDarkly cached, an empty Worker."""


class TargetCheck(msgspec.Struct, frozen=True):
    """One target: its subject, the figure, the limit, and whether it is met."""

    what: str
    figure: float
    limit: float
    unit: str = TIMES

    @property
    def verdict(self) -> Verdict:
        """Return whether the figure meets the target; a tenth more is tolerated, because machines are noisy."""
        if self.figure <= self.limit:
            return "met"
        return "within 10 %" if self.figure <= self.limit * TOLERANCE else "missed"


def checks(results: Results) -> Iterator[TargetCheck]:
    """Yield every target that the run measured."""
    for name, limits in RATIOS.items():
        if name in results.bootstrap:
            yield from _ratios(results.bootstrap[name], limits)
    yield from _repeated(results)
    yield from _rest(results)
    yield from _of_mix(results)


def _ratios(found: Measured, limits: tuple[float, float, float]) -> Iterator[TargetCheck]:
    ratios = (found.ours_to_fastest_js, found.ours_to_launchdarkly_cached, found.ours_to_empty_python)
    names = ("the fastest JavaScript peer", "LaunchDarkly's edge SDK, cached", "an empty Python Worker")
    for name, ratio, limit in zip(names, ratios, limits, strict=True):
        if ratio is not None:
            yield TargetCheck(f"{found.flags:,} flags, p50 to {name}", ratio, limit)


def _repeated(results: Results) -> Iterator[TargetCheck]:
    for name in ("1000", "10000"):
        if name in results.bootstrap:
            yield TargetCheck(f"{int(name):,} flags, p95", results.bootstrap[name].ours_p95_ms, P95_MS, " ms")
    if "1000" in results.bootstrap:
        found = results.bootstrap["1000"]
        yield TargetCheck(
            "1,000 flags, the same user again, to an empty Python Worker", found.same_user_to_empty_python, 1.3
        )
        yield TargetCheck(
            "1,000 flags, not modified, to an empty Python Worker", found.not_modified_to_empty_python, 1.3
        )


def _rest(results: Results) -> Iterator[TargetCheck]:
    if results.refresh:
        yield TargetCheck(
            "p99 while a flag changes each second, to p99 without", results.refresh.p99_ratio, _REFRESH_RATIO
        )
        read = results.refresh.kv_values_read_per_change
        yield TargetCheck("KV values read for one change", read, _KV_VALUES_PER_CHANGE, "")
    for name, cold in results.cold.items():
        what = f"{int(name):,} flags, cold isolate to LaunchDarkly's edge SDK"
        yield TargetCheck(what, cold.imported_to_launchdarkly, _COLD_RATIO)
    if results.footprint:
        memory = results.footprint
        yield TargetCheck(
            f"Worker memory with {memory.flags:,} flags",
            _mb(memory.worker_interpreter),
            _mb(_WORKER_BYTES),
            " MB",
        )
        yield TargetCheck(f"{memory.cpython_flags:,} flags in CPython", _mb(memory.cpython), _mb(_CPYTHON_BYTES), " MB")
    yield from _in_process(results)
    if "1000" in results.streams:
        yield TargetCheck("one change to 1,000 streams, p95", results.streams["1000"].p95_ms, _STREAM_P95_MS, " ms")


def _in_process(results: Results) -> Iterator[TargetCheck]:
    for name, found in results.in_process.get("1000", {}).items():
        if name.startswith(_OURS) and found.single_p99_us:
            yield TargetCheck(
                f"{name} in CPython, p99 of one flag", found.single_p99_us.median / 1e3, _SDK_P99_MS, " ms"
            )
        if name.startswith(_OURS) and found.allocated_bytes:
            yield TargetCheck(f"{name} in CPython, 1,000 flags", _mb(found.allocated_bytes), _mb(_CPYTHON_BYTES), " MB")


def _of_mix(results: Results) -> Iterator[TargetCheck]:
    for scenario, limit in zip(MIXED, _MIX_RATIOS, strict=True):
        if scenario.name in results.others:
            found = results.others[scenario.name]
            yield TargetCheck(f"{scenario.name}, to an empty Python Worker", found.ours_to_empty_python, limit)


def _mb(size: float) -> float:
    return round(size / 1e6, 2)
