"""`flaghoist bench`: measure our bootstrap beside other flag services, on this machine."""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from bench.machine.toolchain import ROOT
from bench.measuring.plan import FULL, QUICK, BenchPlan
from bench.measuring.results import Results
from bench.report.document import PLOT_NAME, document
from bench.report.plot import plot
from bench.report.runs import median_of
from bench.report.tables import all_tables
from bench.report.targets import Verdict
from bench.run import run_benchmark, steps
from flaghoist_cli.commands.options import dry_run_option, examples, json_option
from flaghoist_cli.terminal.output import Tone, print_note, print_quiet_note, show, table, toned

RESULTS = ROOT / "build" / "bench.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
_TITLE = "A bootstrap of all flags: latency by number of flags"
_TONES: dict[Verdict, Tone] = {"met": "good", "within 10 %": "warning", "missed": "bad"}


@click.command(
    "bench", epilog=examples("flaghoist bench --quick", "flaghoist bench --json", "flaghoist bench --runs 3")
)
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds: at most 5 minutes instead of half an hour.")
@click.option(
    "--runs",
    type=click.IntRange(1, 9),
    default=1,
    help="Number of runs of the measurements with targets; the median counts. Each further run takes 20 minutes.",
)
@json_option
@dry_run_option
def bench(*, quick: bool, runs: int, as_json: bool, dry_run: bool) -> None:
    """Measure the edge's bootstrap beside other flag services.

    Runs our Worker, empty Workers and the SDKs of other services side by side on this machine. At the end, writes
    build/bench.json, docs/benchmarks.md and its plot. The first run installs the other SDKs into build/bench/.
    """
    plan = QUICK if quick else FULL
    plans = [plan, *[plan.core()] * (runs - 1)]
    if dry_run:
        todo = tuple(step for each in plans for step in steps(each))
        show(todo, (f"would measure: {step}" for step in todo), as_json=as_json)
        return
    results = asyncio.run(_until_signalled(plans, quick=quick))
    written = _write(results)
    show(results, _lines(results), as_json=as_json)
    for path in written:
        print_note(f"written: {path.relative_to(ROOT)}", "quiet")


async def _until_signalled(plans: Sequence[BenchPlan], *, quick: bool) -> Results:
    """Measure; SIGTERM ends the run and everything it started, like Ctrl-C."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    runs = [await run_benchmark(plan, print_quiet_note, quick=quick) for plan in plans]
    return median_of(runs)


def _write(results: Results) -> tuple[Path, ...]:
    """Write all results at the end of the measurement."""
    files = {
        RESULTS: msgspec.json.format(msgspec.json.encode(results), indent=1),
        DOCUMENT: document(results).encode(),
        DOCUMENT.with_name(PLOT_NAME): plot(results.bootstrap, _TITLE).encode(),
    }
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.draft")
        draft.write_bytes(data)
        draft.replace(path)
    return tuple(files)


def _lines(results: Results) -> Iterator[str]:
    for shown in all_tables(results):
        yield ""
        yield toned(shown.title, "good")
        right = frozenset(range(1, len(shown.headings)))
        heading, *rows = table(shown.headings, shown.rows, right)
        yield heading
        verdicts = [*shown.verdicts, *[None] * len(rows)]
        yield from (
            toned(row, _TONES[verdict]) if verdict else row for row, verdict in zip(rows, verdicts, strict=False)
        )
    for reason in results.skipped:
        yield f"not measured: {reason}"
