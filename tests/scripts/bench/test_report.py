"""What a run tells: JSON for programs, tables, targets, the document and the plot."""

from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec.structs import replace

from bench import command as bench
from bench.edge.bootstrap import judge
from bench.edge.subjects import PEERS, SUBJECTS
from bench.measuring.plan import CONSTANTS, FULL, MIXED, QUICK
from bench.measuring.results import (
    Capacity,
    ColdStart,
    FanOut,
    Footprint,
    InProcess,
    Measured,
    Refreshes,
    Results,
    Sized,
)
from bench.measuring.rounds import Spread, Timing
from bench.report.document import PLOT_NAME, document
from bench.report.plot import plot
from bench.report.runs import median_of
from bench.report.tables import all_tables
from bench.report.targets import TargetCheck, checks
from bench.run import steps
from tests.scripts.command import flaghoist

ONE = Spread(1.0, 0.5, 2.0)


def a_timing(p50: float) -> Timing:
    return Timing(Spread(p50, p50, p50), Spread(2 * p50, p50, 3 * p50), Spread(3 * p50, p50, 4 * p50), 10, 100)


def measured(flags: int) -> Measured:
    figures = {"flaghoist": 1.0, "empty_python": 0.8, "empty_js": 0.4, "same_user": 0.9, "not_modified": 0.7}
    peers = {peer.name: 2.0 + number for number, peer in enumerate(PEERS)}
    timings = {name: a_timing(figure * flags / 100) for name, figure in {**figures, **peers}.items()}
    return judge(flags, timings, {"flaghoist": Sized(100 * flags, 100.0)})


def results() -> Results:
    return Results(
        started_at="2026-11-01T00:00:00+00:00",
        quick=True,
        seconds=61,
        machine={"cores": "2"},
        versions={"workerd": "1"},
        bootstrap={str(flags): measured(flags) for flags in (100, 1_000, 10_000)},
        others={"every flag a rollout": measured(1_000)},
        cold={"1000": ColdStart(ONE, ONE, ONE, ONE, ONE, 2.1, 1.0)},
        refresh=Refreshes(10_000, ONE, ONE, ONE, ONE, 1.7, 10, 1, 2.0),
        footprint=Footprint(10_000, 50_000_000, 20_000_000, 90_000_000, 1_000, 2_500_000),
        in_process={"1000": {"an SDK 1.0": InProcess(ONE, ONE, 10)}},
        origin={"uvicorn": a_timing(1.0)},
        skipped=("Granian: is not there",),
        streams={"1000": FanOut(1_000, 5, 80.0, 150.0, 160.0, 14_000, 0)},
        capacity={"2": Capacity(2, 1_000, 900_000, 3_000_000)},
    )


def test_results__json__has_the_documented_members() -> None:
    printed = msgspec.json.decode(msgspec.json.encode(results()))["bootstrap"]
    assert list(printed) == ["100", "1000", "10000"]
    for figures in printed.values():
        names = ("ours_p50_ms", "ours_p95_ms", "fastest_js_p50_ms", "launchdarkly_cached_p50_ms", "empty_python_p50_ms")
        assert all(isinstance(figures[name], float) for name in names)


@pytest.mark.parametrize(("figure", "verdict"), [(1.0, "met"), (1.09, "within 10 %"), (1.2, "missed")])
def test_check__figure__is_judged_with_a_tenth_of_tolerance(figure: float, verdict: str) -> None:
    assert TargetCheck("something", figure, 1.0).verdict == verdict


def test_checks__full_results__cover_every_target() -> None:
    found = {check.what: check for check in checks(results())}
    assert len(found) == 9 + 2 + 2 + 2 + 1 + 2 + 1
    assert found["p99 while a flag changes each second, to p99 without"].verdict == "missed"
    assert found["KV values read for one change"].verdict == "met"
    assert found["one change to 1,000 streams, p95"].verdict == "met"


def test_checks__our_own_sdks__are_compared_with_their_tail_and_memory() -> None:
    ours = InProcess(ONE, ONE, 10, Spread(1_200.0, 900.0, 1_300.0), 2_500_000)
    measured = {"Flaghoist": ours, "another 1.0": ours, "Flaghoist, the provider": ours}
    found = {check.what: check for check in checks(replace(results(), in_process={"1000": measured}))}
    for name in ("Flaghoist", "Flaghoist, the provider"):
        tail, memory = found[f"{name} in CPython, p99 of one flag"], found[f"{name} in CPython, 1,000 flags"]
        assert (tail.figure, tail.verdict) == (1.2, "missed")
        assert (memory.figure, memory.verdict) == (2.5, "met")
    assert not any("another" in what for what in found)


def test_tables__weighed_sdks__show_what_they_hold() -> None:
    weighed = {"an SDK 1.0": InProcess(ONE, ONE, 10, ONE, 2_500_000, 3_100_000), "another": InProcess(ONE, ONE, 10)}
    measured = {"1000": weighed, "100": {"an SDK 1.0": InProcess(ONE, ONE, 10)}}
    shown = all_tables(replace(results(), in_process=measured))
    of_sdks = [table for table in shown if table.title.startswith("CPython, in process")]
    assert [row[-2:] for row in of_sdks[0].rows] == [["2.50", "3.10"], ["\N{EN DASH}", "\N{EN DASH}"]]
    assert [len(table.headings) for table in of_sdks] == [7, 5]


def test_tables__every_row__has_a_cell_for_each_heading() -> None:
    shown = list(all_tables(results()))
    assert all(len(row) == len(table.headings) for table in shown for row in table.rows)
    assert {subject.label for subject in SUBJECTS} <= {row[0] for row in shown[0].rows}


def test_document__results__names_figures_machine_versions_and_what_is_missing() -> None:
    page = document(results())
    for text in ("make bench QUICK=1", PLOT_NAME, "## Targets", "- cores: 2", "- workerd: 1", "Granian: is not there"):
        assert text in page


def test_plot__three_sizes__is_svg_with_a_line_for_each_subject() -> None:
    root = ElementTree.fromstring(plot(results().bootstrap, "Latency <by> flags"))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == len(SUBJECTS)
    assert all(len(line.attrib["points"].split()) == 3 for line in lines)


def test_median_of__three_runs__each_figure_is_their_median_with_their_range() -> None:
    runs = [
        replace(results(), bootstrap={"1000": measured(flags)}, seconds=10, skipped=(f"run {flags}",))
        for flags in (1_000, 3_000, 2_000)
    ]
    found = median_of([runs[0], *(replace(run, origin={}) for run in runs[1:])])
    p50s = [run.bootstrap["1000"].ours_p50_ms for run in runs]
    merged = found.bootstrap["1000"]
    assert merged.ours_p50_ms == p50s[2]
    assert merged.subjects["flaghoist"].p50 == Spread(p50s[2], p50s[0], p50s[1])
    assert (found.seconds, found.skipped, len(found.runs)) == (30, ("run 1000", "run 3000", "run 2000"), 3)
    assert found.origin["uvicorn"] == runs[0].origin["uvicorn"]
    assert msgspec.json.decode(msgspec.json.encode(found), type=Results) == found


def test_median_of__two_runs__neither_the_better_nor_the_worse_counts() -> None:
    runs = [replace(results(), bootstrap={"1000": measured(flags)}) for flags in (1_000, 3_000)]
    assert median_of(runs).bootstrap["1000"].ours_p50_ms == 20.0


def test_median_of__one_run__is_that_run() -> None:
    assert median_of([results()]) == results()


def test_tables__several_runs__show_the_range_of_each_target() -> None:
    shown = {table.title: table for table in all_tables(median_of([results(), results()]))}
    assert "p50 in ms (lowest to highest run)" in shown
    assert all("(" in row[1] for row in shown["Targets"].rows)


def test_tables__constants__stand_beside_the_empty_worker() -> None:
    found = replace(results(), others={CONSTANTS[0].name: measured(1_000), MIXED[0].name: measured(1_000)})
    shown = {table.title: table for table in all_tables(found)}
    assert shown["Constants alone: p50 in ms"].rows[-1] == ["Flaghoist beyond the empty Worker", "2.00"]
    assert len(shown['Rollouts of the algorithm "mix" instead of SHA-256: p50 in ms'].rows) > 1


@pytest.mark.parametrize(("option", "plan"), [("--quick", QUICK), ("", FULL)])
def test_bench__dry_run__lists_what_would_be_measured(option: str, plan: object) -> None:
    done = flaghoist("bench", "--dry-run", "--json", *filter(None, [option]))
    assert done.exit_code == 0
    assert msgspec.json.decode(done.stdout) == steps(FULL if plan is FULL else QUICK)


def test_bench__several_runs__measure_again_what_has_targets() -> None:
    done = flaghoist("bench", "--dry-run", "--json", "--runs", "3")
    printed = msgspec.json.decode(done.stdout)
    assert printed == [*steps(FULL), *steps(FULL.core()) * 2]
    assert printed.count("10,000 flags") == 3
    assert printed.count("SDKs in CPython") == 1


def test_bench__measured__writes_everything_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(*_: object, **__: object) -> Results:
        assert not list(tmp_path.rglob("*"))
        return results()

    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "build" / "bench.json")
    monkeypatch.setattr(bench, "DOCUMENT", tmp_path / "docs" / "benchmarks.md")
    monkeypatch.setattr(bench, "run_benchmark", measure)
    done = flaghoist("bench", "--quick")
    assert done.exit_code == 0, done.output
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    assert written == ["build/bench.json", "docs/benchmarks.md", "docs/benchmarks.svg"]
    assert "Targets" in done.stdout
