"""``docs/benchmarks.md``: what was measured, how, on what, and what came out."""

from collections.abc import Iterable, Iterator, Mapping

from bench.measuring.results import Results
from bench.origin.servers import NOT_HERE
from bench.report.tables import ReportTable, all_tables

PLOT_NAME = "benchmarks.svg"

_METHOD = """\
Whole HTTP requests on the loopback interface, one kept-alive connection, one request at a time, each for another
user, so that no cache of answers helps. All subjects are up at the same time and take turns of a fraction of a
second; a figure is the median of the rounds' medians, with the lowest and the highest round beside it. Machines
that are shared change their speed by the minute: ratios within one run say more than milliseconds.

- Before its turn of every subject the benchmark takes free memory from the system and gives it back. workerd keeps the
  bytes of answers that were sent until V8 collects, up to a gigabyte of them, so at 10,000 flags every answer takes
  fresh memory, and in a virtual machine whose host takes free pages back a megabyte of that takes 5 ms instead of 0.5.
- *Flaghoist* is the bundle that `flaghoist deploy` uploads, in the local edge: workerd with Pyodide. It answers
  OFREP's bulk request for a client key, with value, variant, reason and version of every flag, SHA-256 as
  specified.
- *Empty Workers* read and parse the same request and answer a constant of the same size: in Python on the same host
  and SDK, in JavaScript on the same workerd. They are what the platform costs.
- *Peers* are the current packages from npm in JavaScript Workers on the same workerd binary, given the same flags
  in their own format. LaunchDarkly's SDK reads KV for every request unless a cache is switched on; its cache never
  expires here. KV of the peers is in memory. What they answer is less: LaunchDarkly values and versions, GrowthBook
  values and sources.
- *Origin*: the same compiled flags in CPython, the OFREP bulk request whole, with keys and ETag, beside the same peers
  behind a bare `node:http`, and a young OFREP server in Python whose store in memory copies every flag for every
  request.
- Before anything is timed, every subject's values are compared with our engine's for a dozen users: equal where rules
  decide, one of the variations where a draw does.
- The flags, from a fixed seed: 30 % off, 30 % on and fixed, 25 % rollouts, 10 % with 2 or 3 rules before a rollout,
  5 % with 50 individual targets. Contexts have 8 attributes unless said.
- Streams: clients of `/v1/stream` in one process, each with a connection of its own, the origin in another; from
  the time that the origin gives the commit to the moment that a client reads the event. Memory is the origin's.
- Cold starts end with the first right answer. Flaghoist's clock starts when the interpreter stands: Cloudflare boots it
  and runs a Worker's top-level imports at deployment, and keeps both in a memory image from which every isolate starts.
  So the row that counts has the imports done; that with the imports is shown beside it, and what the interpreter's
  own start takes here, with Node and KV. LaunchDarkly's clock starts with its process, the start of V8 included.
- Constants are flags that no context can change: their answer lies ready, so what their number costs beyond copying
  stands under the empty Worker that answers the same bytes.
- Growth: the slope of the straight line through p50, in µs for each further flag, and the exponent with which grows
  what lies beyond the empty Worker: 1 is linear.
- The memory of a Worker is that of its interpreter after many requests, the length of its WebAssembly memory: it never
  shrinks, so it is the most that was ever needed. V8's own heap beside it is small, but is not told apart here from
  answers that are not collected yet. The engine in CPython is weighed by what Python has allocated for it.
- SDKs in CPython: the median of one flag is that of runs through 200, without the clock between them; p99 is of single
  evaluations timed one by one, with the garbage collector running. Memory is weighed at 1,000 flags, each SDK in a
  process of its own after a few users were answered: what Python has allocated (tracemalloc, which does not see native
  code such as Unleash's), and what the process has grown by, the mean of five copies.
- Evaluations per second: processes of CPython that do nothing else, started together, each with an engine of its own.
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
