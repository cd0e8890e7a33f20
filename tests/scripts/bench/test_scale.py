"""What a million evaluations and streams take: the arithmetic, with round figures."""

import pytest

from bench.edge.bootstrap import judge
from bench.measuring.results import Capacity, FanOut, Results
from bench.measuring.rounds import Spread, Timing
from bench.report.scale import MILLION, Fleet, Prices, fleets, ways


def a_timing(p50: float) -> Timing:
    return Timing(Spread(p50, p50, p50), Spread(p50, p50, p50), Spread(p50, p50, p50), 10, 100)


def results() -> Results:
    timings = {name: a_timing(2.0) for name in ("flaghoist", "empty_python", "same_user", "not_modified")}
    return Results(
        started_at="2026-11-01T00:00:00+00:00",
        quick=True,
        seconds=1,
        machine={},
        versions={},
        bootstrap={"1000": judge(1_000, timings, {})},
        origin={"Flaghoist, under uvicorn": a_timing(4.0), "another": a_timing(1.0)},
        capacity={"1": Capacity(1, 1_000, 500_000, 4_000_000), "2": Capacity(2, 1_000, 800_000, 5_000_000)},
        streams={"5000": FanOut(5_000, 5, 100.0, 400.0, 500.0, 20 * 1024, 0)},
    )


@pytest.mark.parametrize(
    ("per_second", "cpu_ms", "dollars"),
    [
        (0, 1.0, 5.0),
        (3, 1.0, 5.0),
        (1_000, 0.0, 5 + (2_592 - 10) * 0.30),
        (1_000, 2.0, 5 + (2_592 - 10) * 0.30 + (5_184 - 30) * 0.02),
    ],
)
def test_prices__month__is_the_plan_and_what_goes_beyond_it(per_second: float, cpu_ms: float, dollars: float) -> None:
    assert Prices().monthly(per_second, cpu_ms) == pytest.approx(dollars)


def test_ways__each__takes_requests_cores_and_dollars() -> None:
    found = [(way.name, way.requests_per_second, round(way.cores, 6)) for way in ways(results())]
    assert found == [
        ("in process, answers with all flags", 0, 0.4),
        ("in process, one flag at a time", 0, 2.5),
        ("origin, answers with 1,000 flags", 1_000, 4.0),
        ("Worker, answers with 1,000 flags", 1_000, 2.0),
    ]
    paid = [way.dollars for way in ways(results()) if way.dollars is not None]
    assert paid == [Prices().monthly(1_000, 2.0)]


def test_fleets__a_million_streams__in_processes_memory_and_time() -> None:
    gib = MILLION * 20 / 1024 / 1024
    assert list(fleets(results().streams)) == [Fleet(5_000, 200, gib, 400.0, 80.0)]
