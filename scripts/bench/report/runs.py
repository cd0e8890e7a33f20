"""Several runs as one: each figure is the median of the runs, with their range beside it."""

from collections.abc import Mapping, Sequence
from statistics import median, mode
from typing import Any

import msgspec

from bench.measuring.results import Results

_SPREAD = {"median", "low", "high"}


def median_of(runs: Sequence[Results]) -> Results:
    """Return the runs as one, each figure the median of those that have it; a figure of a single run stays as it is."""
    if len(runs) == 1:
        return runs[0]
    merged = _merged([msgspec.to_builtins(run) for run in runs])
    skipped = tuple(dict.fromkeys(reason for run in runs for reason in run.skipped))
    whole = {"started_at": runs[0].started_at, "seconds": sum(run.seconds for run in runs), "skipped": skipped}
    return msgspec.structs.replace(msgspec.convert(merged, Results), **whole, runs=tuple(runs))


def _merged(found: Sequence[Any]) -> Any:
    known = [each for each in found if each is not None]
    if len(known) <= 1:
        return known[0] if known else None
    first = known[0]
    if isinstance(first, Mapping):
        return _spread(known) if set(first) == _SPREAD else _members(known)
    if isinstance(first, str):
        return mode(known)
    if isinstance(first, bool) or not isinstance(first, int | float):
        return first
    return round(median(known)) if isinstance(first, int) else round(median(known), 4)


def _spread(found: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    medians = [each["median"] for each in found]
    return {"median": round(median(medians), 4), "low": min(medians), "high": max(medians)}


def _members(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    names = dict.fromkeys(name for each in found for name in each)
    return {name: _merged([each[name] for each in found if name in each]) for name in names}
