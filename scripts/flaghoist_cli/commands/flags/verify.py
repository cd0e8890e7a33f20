"""`flaghoist verify`: check that edge and origin give the same answers."""

import sys
from collections.abc import Iterator
from itertools import islice

import click
import msgspec

from flaghoist.model.context import Context
from flaghoist.model.flags import FlagSet
from flaghoist_cli.client.evaluation_client import EvaluationClient
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import OriginTarget, TargetOptions, resolve
from flaghoist_cli.commands.options import edge_option, examples, json_option, target_options
from flaghoist_cli.comparison.edge_readers import edge_readers
from flaghoist_cli.comparison.sampling import sample_contexts
from flaghoist_cli.comparison.verification import ContextResult, Mismatch, compare_answers
from flaghoist_cli.files.contexts import read_contexts
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.output import counted, show, toned

MOST_SHOWN = 20


class Verified(msgspec.Struct, frozen=True):
    """The comparison; ``skipped`` are flags that read attributes that only the edge knows."""

    contexts: int
    answers: int
    skipped: tuple[str, ...]
    version: str
    mismatches: tuple[Mismatch, ...]


@click.command(
    "verify",
    epilog=examples(
        "flaghoist verify",
        "flaghoist verify --contexts scripts/demo/contexts.json --count 500",
        "flaghoist verify --json",
    ),
)
@click.option(
    "--contexts", "path", default="", help="Compare the contexts of this file (an object of contexts by name) first."
)
@click.option(
    "--count",
    default=50,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="How many contexts to generate from the flags' own rules.",
)
@click.option("--seed", default=1, show_default=True, help="Seed; the same seed generates the same contexts.")
@json_option
@edge_option
@target_options
def verify(path: str, count: int, seed: int, as_json: bool, wanted: TargetOptions) -> None:
    """Compare the answers of edge and origin.

    Requests the same contexts from both and compares every flag of every answer. Flags that read edge.* are left out: a
    direct request to the origin has no data about the visitor's location. Exits 1 when any answer differs.
    """
    target = resolve(wanted, "server")
    if not target.edge:
        raise CommandFailed("no edge is known: give --edge or FLAGHOIST_EDGE")
    with OriginClient(target) as client:
        flagset = client.snapshot().flagset
    named = read_contexts(path) if path else {}
    result = _verify(target, flagset, (*named.values(), *sample_contexts(flagset, count, seed)))
    show(result, _lines(result), as_json=as_json)
    if result.mismatches:
        raise click.exceptions.Exit(1)


def _verify(target: OriginTarget, flagset: FlagSet, contexts: tuple[Context, ...]) -> Verified:
    left_out = edge_readers(flagset)
    with EvaluationClient(target.edge, target.key) as edge, EvaluationClient(target.origin, target.key) as origin:
        compared = compare_answers(edge, origin, contexts, left_out)
        hidden = not sys.stderr.isatty()
        bar = click.progressbar(compared, len(contexts), label="comparing", file=sys.stderr, hidden=hidden)
        with bar as following:
            results: list[ContextResult] = list(following)
    return Verified(
        contexts=len(results),
        answers=sum(result.compared for result in results),
        skipped=tuple(sorted(left_out)),
        version=results[-1].version,
        mismatches=tuple(mismatch for result in results for mismatch in result.mismatches),
    )


def _lines(result: Verified) -> Iterator[str]:
    for mismatch in islice(result.mismatches, MOST_SHOWN):
        yield toned(f"{mismatch.flag} differs for {msgspec.json.encode(mismatch.context).decode()}", "bad")
        yield f"  edge   {mismatch.edge or '(unknown)'}"
        yield f"  origin {mismatch.origin or '(unknown)'}"
    if result.skipped:
        yield f"left out, because they read edge.*: {', '.join(result.skipped)}"
    compared_answers = f"{counted(result.answers, 'answer')} for {counted(result.contexts, 'context')}"
    tally = f"{compared_answers} at version {result.version}"
    verdict = f"{len(result.mismatches)} differ" if result.mismatches else "edge and origin agree"
    yield toned(f"{verdict}: {tally}", "bad" if result.mismatches else "good")
