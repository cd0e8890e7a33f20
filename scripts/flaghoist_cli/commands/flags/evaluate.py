"""`flaghoist eval`: one flag for one context, evaluated in this process or by a running edge or origin."""

from collections.abc import Iterator

import click
import msgspec

from flaghoist.explain import Step
from flaghoist.model.context import Context
from flaghoist_cli.client.evaluation import EvaluationResult, evaluate_flag
from flaghoist_cli.client.evaluation_client import EvaluationClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import edge_option, examples, json_option, target_options
from flaghoist_cli.comparison.sources import flags_of
from flaghoist_cli.files.contexts import read_context
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.output import show, toned


@click.command(
    "eval",
    epilog=examples(
        'flaghoist eval new-checkout --context \'{"targetingKey": "ada"}\'',
        "flaghoist eval new-checkout --context @scripts/demo/contexts.json#ada --explain",
        "flaghoist eval new-checkout --file scripts/demo/flags.json --json",
        "flaghoist eval new-checkout --remote --context @context.json",
    ),
)
@click.argument("flag")
@click.option(
    "--context", "context_text", default="{}", help="JSON, @FILE, or @FILE#NAME for one member of a file of contexts."
)
@click.option("--file", "path", default="", help="Evaluate this flag file instead of an origin's flags.")
@click.option(
    "--remote",
    type=click.Choice(["edge", "origin"]),
    is_flag=False,
    flag_value="edge",
    help="Let the edge (or the origin) evaluate.",
)
@click.option("--explain", is_flag=True, help="Print each step of the evaluation, and its reason.")
@json_option
@edge_option
@target_options
def evaluate(
    *, flag: str, context_text: str, path: str, remote: str | None, explain: bool, as_json: bool, wanted: TargetOptions
) -> None:
    """Evaluate FLAG for one context.

    The flags come from --file, or from the origin's snapshot (which needs a server or admin key). With --remote, a
    running edge or origin evaluates the flag instead of this process. Exits 1 when the flag has no value.
    """
    if remote and (explain or path):
        raise click.UsageError("--remote asks a server: leave out --explain and --file, or leave out --remote")
    context = read_context(context_text)
    if remote:
        answer = _remote_answer(flag, context, remote, wanted)
    else:
        answer = evaluate_flag(flags_of(path, wanted), flag, context, explained=explain)
    show(answer, _lines(answer), as_json=as_json)
    if answer.error_code:
        raise click.exceptions.Exit(1)


def _remote_answer(flag: str, context: Context, server: str, wanted: TargetOptions) -> EvaluationResult:
    target = resolve(wanted, "server")
    address = target.edge if server == "edge" else target.origin
    if not address:
        raise CommandFailed("no edge is known: give --edge or FLAGHOIST_EDGE, or ask the origin with --remote origin")
    with EvaluationClient(address, target.key) as client:
        return client.evaluate(flag, context)


def _lines(answer: EvaluationResult) -> Iterator[str]:
    yield from (_step_line(step, answer.key) for step in answer.steps)
    if answer.error_code:
        yield toned(f"{answer.key} has no value: {answer.error_code}", "bad")
        yield f"  {answer.error_details}"
        return
    value = b"null" if answer.value is msgspec.UNSET else bytes(answer.value)
    yield toned(f"{answer.key} = {value.decode()}", "good")
    facts = [f"variation {answer.variation}", f"reason {answer.reason}"]
    facts += [f"version {answer.version}"] if answer.version else []
    yield "  " + ", ".join([*facts, *(f"{name} {value}" for name, value in answer.metadata.items())])


def _step_line(step: Step, flag_key: str) -> str:
    mark = toned("✓", "good") if step.passed else toned("✗", "warning")
    # Steps of another flag belong to a prerequisite of the requested one.
    whose = f"    {step.flag} " if step.flag not in {"", flag_key} else "  "
    return f"{whose}{mark} {step.stage}: {step.detail}"
