"""How latency grows with the number of flags."""

from collections.abc import Sequence
from math import log

from bench.measuring.results import Growth, Measured

_US_PER_MS = 1_000


def growth_of(measured: Sequence[Measured]) -> Growth:
    """Return the least-squares line through p50 and the power law above the empty Worker.

    Weights are relative, so that 100 flags count as much as 10,000. The exponent describes the time of an answer beyond
    an empty Python Worker with the same bytes: 1 is linear.
    """
    slope, base = _line([(each.flags, each.ours_p50_ms) for each in measured])
    beyond = [(each.flags, each.ours_p50_ms - each.empty_python_p50_ms) for each in measured]
    exponent = _line([(log(flags), log(ms)) for flags, ms in beyond if ms > 0], relative=False)[0]
    return Growth(round(slope * _US_PER_MS, 4), round(base * _US_PER_MS, 1), round(exponent, 3))


def _line(points: Sequence[tuple[float, float]], *, relative: bool = True) -> tuple[float, float]:
    """Return slope and intercept of the line through the points, by least squares."""
    weights = [1 / y**2 if relative else 1.0 for _, y in points]
    total = sum(weights)
    middle_x = sum(weight * x for weight, (x, _) in zip(weights, points, strict=True)) / total
    middle_y = sum(weight * y for weight, (_, y) in zip(weights, points, strict=True)) / total
    spread_x = sum(weight * (x - middle_x) ** 2 for weight, (x, _) in zip(weights, points, strict=True))
    both = sum(weight * (x - middle_x) * (y - middle_y) for weight, (x, y) in zip(weights, points, strict=True))
    slope = both / spread_x if spread_x else 0.0
    return slope, middle_y - slope * middle_x
