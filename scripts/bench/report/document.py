"""``docs/benchmarks.md``: the method, the machine, and the results."""

from collections.abc import Iterable, Iterator, Mapping

from bench.measuring.results import Results
from bench.origin.servers import NOT_HERE
from bench.report.tables import ReportTable, all_tables

PLOT_NAME = "benchmarks.svg"

_METHOD = """\
The benchmark measures whole HTTP requests on the loopback interface: one kept-alive connection, one request at a time,
each for another user, so that caches of answers do not help. All subjects run at the same time and take turns of a
fraction of a second. A figure is the median of the rounds' medians, with the lowest and the highest round beside it.
Shared machines change their speed by the minute, so ratios within one run are more reliable than milliseconds.

- Before each subject's turn, the benchmark allocates memory and frees it again. workerd keeps the bytes of answers
  until V8's garbage collection, up to a gigabyte, so at 10,000 flags every answer uses fresh memory. In a virtual
  machine whose host reclaims free pages, a megabyte of fresh memory takes 5 ms instead of 0.5.
- *Flaghoist* is the bundle that `flaghoist deploy` uploads, in the local edge: workerd with Pyodide. It answers
  OFREP's bulk request for a client key, with value, variant, reason and version of every flag, and with SHA-256 as the
  specification requires.
- *Empty Workers* read and parse the same request and answer a constant of the same size: in Python on the same host
  and SDK, in JavaScript on the same workerd. They show the cost of the platform.
- *Peers* are the current packages from npm in JavaScript Workers on the same workerd binary, with the same flags in
  their own format. LaunchDarkly's SDK reads KV for every request unless a cache is switched on; its cache never
  expires here. The peers' KV is in memory. Their answers contain less: LaunchDarkly's have values and versions,
  GrowthBook's values and sources.
- *Origin*: the same compiled flags in CPython, with the complete OFREP bulk request including keys and ETag. Beside it
  are the same peers behind a bare `node:http`, and a young OFREP server in Python whose in-memory store copies every
  flag for every request.
- Before the measurement, every subject's values are compared with those of our engine for a dozen users: they must be
  equal if rules decide, and one of the variations if a draw decides.
- The flags, from a fixed seed: 30 % off, 30 % on and fixed, 25 % rollouts, 10 % with 2 or 3 rules before a rollout,
  5 % with 50 individual targets. Contexts have 8 attributes unless stated otherwise.
- Streams: clients of `/v1/stream` in one process, each with its own connection; the origin runs in another process. The
  time is from the commit, as the origin reports it, until a client reads the event. Memory is the origin's.
- Cold starts end with the first correct answer. Flaghoist's time starts when the interpreter has started: Cloudflare
  starts it and runs a Worker's top-level imports at deployment, and stores both in a memory image from which every
  isolate starts. So the row with the target excludes the imports. Other rows show the time with imports, and the start
  of the interpreter itself here, with Node and KV. LaunchDarkly's time starts with its process and includes V8.
- Constants are flags that no context can change. Their answer is prepared in advance, so further constants cost no more
  than copying, as the empty Worker with the same bytes shows.
- Growth: the slope of the straight line through p50, in µs per additional flag, and the exponent of the time beyond the
  empty Worker; 1 is linear.
- The memory of a Worker is the size of its interpreter's WebAssembly memory after many requests. It never shrinks, so
  it is the maximum that was needed. V8's own heap is small, but cannot be separated here from answers that are not
  collected yet. The memory of the engine in CPython is what Python has allocated for it.
- SDKs in CPython: the median of one flag is from runs through 200 flags, timed as a whole; p99 is from single
  evaluations timed one by one, with the garbage collector running. Memory is measured at 1,000 flags, each SDK in its
  own process after it has answered some users: the memory that Python has allocated (tracemalloc, which does not see
  native code such as Unleash's), and the growth of the process, as the mean of five copies.
- Evaluations per second: CPython processes that do nothing else, started together, each with its own engine.
"""


def document(results: Results) -> str:
    """Return the page, with the plot beside it."""
    return "\n".join(_lines(results))


def _lines(results: Results) -> Iterator[str]:
    command = f"make bench{' QUICK=1' * results.quick}{f' RUNS={len(results.runs)}' if results.runs else ''}"
    yield from ("# Benchmarks", "")
    took = f"{results.seconds // 60} min {results.seconds % 60} s"
    yield f"Written by `{command}` on {results.started_at[:10]} in {took}."
    if results.runs:
        yield f"Figures are medians of {len(results.runs)} runs, ranges from the lowest run to the highest;"
        yield "what has no target was measured in one of them, and has the range of its rounds."
    if results.quick:
        yield "A quick run: few short rounds, so the figures are rough. `make bench` measures longer and more."
    yield from ("", f"![p50 against the number of flags]({PLOT_NAME})", "", "## How it is measured", "", _METHOD)
    for table in all_tables(results):
        yield from _table(table)
    yield from _listed("Machine", results.machine)
    yield from _listed("Versions", results.versions)
    yield from ("## Not measured", "", *(f"- {reason}" for reason in (*results.skipped, NOT_HERE)), "")
    yield from ("## Again", "", "```", "make bench            # everything, about half an hour")
    yield "make bench RUNS=3     # what has targets three times, 20 minutes each further time; medians count"
    yield from ("make bench QUICK=1    # the core of it, at most 5 minutes", "```", "")
    yield "All write `build/bench.json` as well, with every figure of every subject."
    yield ""


def _table(table: ReportTable) -> Iterator[str]:
    yield from (f"## {table.title}", "")
    yield _row(table.headings)
    yield _row(["---", *("---:" for _ in table.headings[1:])])
    yield from (_row(row) for row in table.rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |"


def _listed(title: str, facts: Mapping[str, str]) -> Iterator[str]:
    yield from (f"## {title}", "", *(f"- {name}: {fact}" for name, fact in facts.items()), "")
