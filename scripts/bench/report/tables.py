"""The tables of a run as rows of text, for the terminal and for the document alike."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bench.edge.bootstrap import IN_URL, NOT_MODIFIED, SAME_USER
from bench.edge.subjects import SUBJECTS
from bench.measuring.plan import CONSTANTS, MIXED
from bench.measuring.results import Capacity, FanOut, InProcess, Measured, Results
from bench.measuring.rounds import Spread, Timing
from bench.report.scale import Fleet, fleets, ways
from bench.report.targets import TIMES, TargetCheck, Verdict, checks

LABELS: Mapping[str, str] = {
    **{subject.name: subject.label for subject in SUBJECTS},
    IN_URL: "Flaghoist, the context in the URL of a GET",
    SAME_USER: "Flaghoist, the same user again",
    NOT_MODIFIED: "Flaghoist, not modified (304)",
}
_NONE = "\N{EN DASH}"


class ReportTable(msgspec.Struct, frozen=True):
    """A table: its title, its headings, and its rows; ``verdicts`` belong to the rows if there are any."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    verdicts: Sequence[Verdict] = ()


def all_tables(results: Results) -> Iterator[ReportTable]:
    """Yield the tables of a run."""
    yield _latencies(f"p50 in ms (lowest to highest {'run' if results.runs else 'round'})", results.bootstrap)
    yield _ratios(results.bootstrap)
    yield _targets(results)
    yield _tails(results.bootstrap)
    yield from _others(results.others)
    yield _sizes(results.bootstrap)
    yield from _single_rows(results)
    if results.in_process:
        yield from _in_process(results)
    if results.capacity:
        yield _capacity(results.capacity)
    if results.origin:
        rows = [
            [name, span(timing.p50), span(timing.p95), f"{timing.bytes:,}"] for name, timing in results.origin.items()
        ]
        yield ReportTable("Origin and other servers, 1,000 flags, in ms", ("server", "p50", "p95", "bytes"), rows)
    if results.streams:
        yield _streams(results.streams)
    yield from _scale(results)


def _others(measured: Mapping[str, Measured]) -> Iterator[ReportTable]:
    """Yield the results of other flag sets and contexts: with peers, of constants, and of our own rollouts."""
    constants = {name: found for name, found in measured.items() if name in {each.name for each in CONSTANTS}}
    mixed = {name: found for name, found in measured.items() if name in {each.name for each in MIXED}}
    rest = {name: found for name, found in measured.items() if name not in {*constants, *mixed}}
    if rest:
        yield _latencies("Other flag sets and contexts, 1,000 flags: p50 in ms", rest)
        yield _ratios(rest)
    if constants:
        shown = _latencies("Constants alone: p50 in ms", constants)
        beyond = [figure(found.ours_p50_ms - found.empty_python_p50_ms) for found in constants.values()]
        yield msgspec.structs.replace(shown, rows=[*shown.rows, ["Flaghoist beyond the empty Worker", *beyond]])
    if mixed:
        yield _latencies('Rollouts of the algorithm "mix" instead of SHA-256: p50 in ms', mixed)
        yield _ratios(mixed, is_alone=True)


def figure(value: float) -> str:
    """Return a figure with three significant digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def span(found: Spread) -> str:
    """Return a median and its spread."""
    return f"{figure(found.median)} ({figure(found.low)}-{figure(found.high)})"


def _names(measured: Mapping[str, Measured]) -> list[str]:
    """Return the subjects of all columns in the order of the tables."""
    present = {name for each in measured.values() for name in each.subjects}
    return [name for name in LABELS if name in present]


def _columns(measured: Mapping[str, Measured]) -> list[str]:
    return [f"{int(name):,} flags" if name.isdecimal() else name for name in measured]


def _latencies(title: str, measured: Mapping[str, Measured]) -> ReportTable:
    def cell(timing: Timing | None) -> str:
        return span(timing.p50) if timing else _NONE

    rows = [[LABELS[name], *(cell(each.subjects.get(name)) for each in measured.values())] for name in _names(measured)]
    return ReportTable(title, ("", *_columns(measured)), rows)


def _tails(measured: Mapping[str, Measured]) -> ReportTable:
    def cell(timing: Timing | None) -> str:
        return f"{figure(timing.p95.median)} / {figure(timing.p99.median)}" if timing else _NONE

    rows = [[LABELS[name], *(cell(each.subjects.get(name)) for each in measured.values())] for name in _names(measured)]
    return ReportTable("p95 / p99 in ms", ("", *_columns(measured)), rows)


def _ratios(measured: Mapping[str, Measured], *, is_alone: bool = False) -> ReportTable:
    def times(ratio: float | None) -> str:
        return _NONE if ratio is None else f"{ratio:.2f} {TIMES}"

    rows = [
        ["the fastest JavaScript peer", *(times(each.ours_to_fastest_js) for each in measured.values())],
        ["  which is", *(LABELS.get(each.fastest_js or "", _NONE) for each in measured.values())],
        ["LaunchDarkly's edge SDK, cached", *(times(each.ours_to_launchdarkly_cached) for each in measured.values())],
        ["an empty Python Worker, same bytes", *(times(each.ours_to_empty_python) for each in measured.values())],
    ]
    return ReportTable("Flaghoist's p50 to that of …", ("", *_columns(measured)), rows[-1:] if is_alone else rows)


def _targets(results: Results) -> ReportTable:
    """Return the targets; with several runs, the figures are medians, with the lowest and the highest beside them."""
    found = list(checks(results))
    each_run = [{check.what: check.figure for check in checks(run)} for run in results.runs]

    def shown(check: TargetCheck) -> str:
        figures = [run[check.what] for run in each_run if check.what in run]
        beside = f" ({min(figures):.2f}-{max(figures):.2f})" if figures else ""
        return f"{check.figure:.2f}{check.unit}{beside}"

    rows = [[each.what, shown(each), f"{each.limit:g}{each.unit}", each.verdict] for each in found]
    return ReportTable("Targets", ("what", "is", "at most", ""), rows, [each.verdict for each in found])


def _sizes(measured: Mapping[str, Measured]) -> ReportTable:
    names = list(dict.fromkeys(name for each in measured.values() for name in each.sizes))
    rows = []
    for name in names:
        found = [each.sizes.get(name) for each in measured.values()]
        cells = [f"{one.bytes:,} ({one.bytes_per_flag:g})" if one else _NONE for one in found]
        rows.append([LABELS.get(name, f"Flaghoist, {name}"), *cells])
    return ReportTable("Bytes of an answer, uncompressed (per flag)", ("", *_columns(measured)), rows)


def _single_rows(results: Results) -> Iterator[ReportTable]:
    if results.cold:
        yield _cold(results)
    if results.refresh:
        found = results.refresh
        rows = [
            ["no changes", span(found.quiet_p50), span(found.quiet_p99)],
            ["one flag changes each second", span(found.changing_p50), span(found.changing_p99)],
        ]
        seen = f"{found.changes} changes, {found.late} of them late"
        yield ReportTable(f"Requests during changes, {found.flags:,} flags, in ms ({seen})", ("", "p50", "p99"), rows)
    if results.footprint:
        footprint = results.footprint
        sizes = [
            (f"WebAssembly memory of the Worker, {footprint.flags:,} flags", footprint.worker_interpreter),
            ("  of it beyond what the interpreter starts with", footprint.worker_growth),
            ("growth of workerd's resident memory, with what V8 has not collected yet", footprint.process_growth),
            (f"engine of {footprint.cpython_flags:,} flags in CPython (tracemalloc)", footprint.cpython),
        ]
        yield ReportTable("Memory in MB", ("", ""), [[name, figure(size / 1e6)] for name, size in sizes])
    if results.growth:
        grown = results.growth
        rows = [[f"{grown.us_per_flag:.3f}", figure(grown.us_at_none), f"{grown.exponent:.2f}"]]
        yield ReportTable("Growth of p50", ("µs per flag", "µs at none", "exponent beyond the empty Worker"), rows)


def _cold(results: Results) -> ReportTable:
    members = {
        "ours_imported": "Flaghoist: load, answer; imports are in the memory image, as on Cloudflare",
        "ours": "for comparison: import, load, answer; the interpreter stands",
        "launchdarkly": "LaunchDarkly's edge SDK, cached: start of its Worker to its answer",
        "launchdarkly_alone": "  of it beyond an empty JavaScript Worker",
        "interpreter": "for comparison: start of Node, workerd, Pyodide and KV around ours",
    }
    rows = [[label, *(span(getattr(cold, name)) for cold in results.cold.values())] for name, label in members.items()]
    columns = [f"{int(name):,} flags" for name in results.cold]
    return ReportTable("Cold isolate to the first right answer, in ms", ("", *columns), rows)


def _in_process(results: Results) -> Iterator[ReportTable]:
    for flags, found in results.in_process.items():
        is_weighed = any(one.allocated_bytes for one in found.values())
        rows = [[name, *_sdk_cells(one, is_weighed=is_weighed)] for name, one in found.items()]
        weights = ("MB in Python", "MB resident") if is_weighed else ()
        headings = ("", "one flag, µs", "p99, µs", "all, ms", "bytes", *weights)
        yield ReportTable(f"CPython, in process, {int(flags):,} flags", headings, rows)


def _sdk_cells(one: InProcess, *, is_weighed: bool) -> list[str]:
    tail = span(one.single_p99_us) if one.single_p99_us else _NONE
    weights = [one.allocated_bytes, one.resident_bytes] if is_weighed else []
    shown = [_NONE if weight is None else figure(weight / 1e6) for weight in weights]
    return [span(one.single_us), tail, span(one.bulk_ms), f"{one.bytes:,}", *shown]


def _capacity(measured: Mapping[str, Capacity]) -> ReportTable:
    """Return the total of several processes; all use the same flags."""
    flags = next(iter(measured.values())).flags
    rows = [
        [f"{found.processes}", *(f"{each / 1e6:.2f}" for each in (found.single_per_second, found.bulk_per_second))]
        for found in measured.values()
    ]
    headings = ("processes at once", "one flag at a time", "in answers with all flags")
    return ReportTable(f"Million evaluations per second in CPython, {flags:,} flags", headings, rows)


def _scale(results: Results) -> Iterator[ReportTable]:
    """Yield the needs of a million evaluations a second and of a million streams, from the figures of this run."""
    evaluation_rows = [
        [way.name, f"{way.requests_per_second:,.0f}", figure(way.cores), _dollars(way.dollars)] for way in ways(results)
    ]
    headings = ["", "requests a second", "cores like these", "Workers, $ a month"]
    yield ReportTable("A million evaluations a second would take", headings, evaluation_rows)
    if results.streams:
        stream_rows = [
            [f"{each.streams_each:,}", f"{each.processes:,}", *map(figure, _of_fleet(each))]
            for each in fleets(results.streams)
        ]
        headings = ["streams of one origin", "origins", "GiB", "p95 of a change, ms", "CPU seconds of a change"]
        yield ReportTable("A million streams would take", headings, stream_rows)


def _of_fleet(fleet: Fleet) -> tuple[float, float, float]:
    return fleet.gib, fleet.change_p95_ms, fleet.cpu_seconds


def _dollars(amount: float | None) -> str:
    return _NONE if amount is None else f"{amount:,.0f}"


def _streams(measured: Mapping[str, FanOut]) -> ReportTable:
    rows = [
        [
            f"{found.clients:,}",
            *(figure(each) for each in (found.p50_ms, found.p95_ms, found.p99_ms)),
            figure(found.bytes_per_client / 1024),
            f"{found.missed}",
        ]
        for found in measured.values()
    ]
    headings = ("streams of one origin", "p50, ms", "p95, ms", "p99, ms", "KiB each", "events missed")
    return ReportTable("One change to all streams: from commit to client", headings, rows)
