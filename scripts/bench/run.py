"""One run of the benchmark: the steps, their order, and the progress messages."""

import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from bench.edge.bootstrap import measure_scenario
from bench.edge.cold import measure_cold
from bench.edge.footprint import measure_footprint
from bench.edge.refreshing import measure_refreshes
from bench.machine import toolchain
from bench.machine.machine import describe_machine, describe_versions
from bench.measuring.growth import growth_of
from bench.measuring.plan import BenchPlan, Scenario
from bench.measuring.results import Capacity, ColdStart, FanOut, Footprint, InProcess, Measured, Refreshes, Results
from bench.measuring.rounds import Pace, Timing
from bench.origin.origins import measure_origins
from bench.origin.streams import measure_streams
from bench.process.capacity import measure_capacity
from bench.process.in_process import measure_in_process
from flaghoist.errors import FlaghoistError
from flaghoist_cli.build.bundle import build_bundle

COLD_FLAGS = (1_000, 10_000)
LARGE = 10_000
USUAL = 1_000
Report = Callable[[str], None]


@dataclass
class _Found:
    """The results of the steps so far."""

    bootstrap: dict[str, Measured] = field(default_factory=dict)
    others: dict[str, Measured] = field(default_factory=dict)
    cold: dict[str, ColdStart] = field(default_factory=dict)
    refresh: Refreshes | None = None
    footprint: Footprint | None = None
    in_process: dict[str, dict[str, InProcess]] = field(default_factory=dict)
    origin: dict[str, Timing] = field(default_factory=dict)
    streams: dict[str, FanOut] = field(default_factory=dict)
    capacity: dict[str, Capacity] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Step:
    """One measurement; a run continues after the failure of one that is not ``needed``."""

    name: str
    perform: Callable[[_Found], Awaitable[None]]
    needed: bool = True


def steps(plan: BenchPlan) -> list[str]:
    """Return the steps of a plan, in words."""
    return [step.name for step in _steps(plan)]


async def run_benchmark(plan: BenchPlan, report: Report, *, quick: bool) -> Results:
    """Measure everything in a plan; raise CommandFailed if a measurement fails."""
    started_at, start = datetime.now(UTC), monotonic()
    report("installing the other services …")
    toolchain.prepare_workers()
    report("building the Worker …")
    build_bundle()
    found, load = _Found(), os.getloadavg()[0]
    todo = list(_steps(plan))
    for number, step in enumerate(todo, 1):
        report(f"[{number}/{len(todo)}, {monotonic() - start:.0f} s] {step.name} …")
        await _perform(step, found)
    return Results(
        started_at=started_at.isoformat(timespec="seconds"),
        quick=quick,
        seconds=round(monotonic() - start),
        machine={**describe_machine(), "load before": f"{load:.2f}"},
        versions=describe_versions(),
        bootstrap=found.bootstrap,
        others=found.others,
        growth=growth_of(list(found.bootstrap.values())),
        cold=found.cold,
        refresh=found.refresh,
        footprint=found.footprint,
        in_process=found.in_process,
        origin=found.origin,
        skipped=tuple(found.skipped),
        streams=found.streams,
        capacity=found.capacity,
    )


async def _perform(step: _Step, found: _Found) -> None:
    try:
        await step.perform(found)
    except FlaghoistError as failure:
        if step.needed:
            raise
        found.skipped.append(f"{step.name}: {str(failure).partition(';')[0]}")


def _steps(plan: BenchPlan) -> Iterator[_Step]:
    yield from (_scenario(scenario, plan.pace, "bootstrap") for scenario in plan.sizes)
    yield from (_scenario(scenario, plan.other_pace, "others") for scenario in plan.others)
    yield from (_cold(flags, plan) for flags in COLD_FLAGS)

    async def refresh(found: _Found) -> None:
        found.refresh = await measure_refreshes(LARGE, plan.refresh_seconds, plan.refresh_turns)

    async def footprint(found: _Found) -> None:
        found.footprint = await measure_footprint(LARGE, USUAL)

    async def in_process(found: _Found) -> None:
        for flags in plan.in_process_flags:
            found.in_process[str(flags)] = dict(await measure_in_process(flags, plan.in_process_seconds))

    async def origin(found: _Found) -> None:
        found.origin.update(await measure_origins(USUAL, plan.other_pace))

    async def streams(found: _Found) -> None:
        found.streams.update(await measure_streams())

    yield _Step(f"changes while requests are answered, {LARGE:,} flags", refresh, needed=False)
    yield _Step(f"memory with {LARGE:,} flags", footprint, needed=False)
    if plan.has_cpython:
        yield _Step("SDKs in CPython", in_process, needed=False)
        yield _capacity(plan)
        yield _Step("the origin and other servers", origin, needed=False)
        yield _Step("streams of one origin", streams, needed=False)


def _scenario(scenario: Scenario, pace: Pace, member: str) -> _Step:
    async def perform(found: _Found) -> None:
        getattr(found, member)[scenario.name] = await measure_scenario(scenario, pace)

    name = f"{scenario.flags:,} flags" if scenario.name.isdecimal() else scenario.name
    return _Step(name, perform, scenario.needed)


def _capacity(plan: BenchPlan) -> _Step:
    async def perform(found: _Found) -> None:
        found.capacity.update(await measure_capacity(USUAL, plan.in_process_seconds))

    return _Step("evaluations per second", perform, needed=False)


def _cold(flags: int, plan: BenchPlan) -> _Step:
    async def perform(found: _Found) -> None:
        found.cold[str(flags)] = await measure_cold(flags, plan.cold_starts)

    return _Step(f"cold isolates with {flags:,} flags", perform, needed=False)
