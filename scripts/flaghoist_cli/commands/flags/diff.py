"""`flaghoist diff`: compare two of a file, an origin and Workers KV."""

import click
import msgspec

from flaghoist_cli.client.target import TargetOptions
from flaghoist_cli.commands.differences import difference_lines
from flaghoist_cli.commands.options import examples, json_option, target_options
from flaghoist_cli.comparison.sources import Side, compare_sources
from flaghoist_cli.files.differences import Difference
from flaghoist_cli.terminal.output import counted, show, toned


class Compared(msgspec.Struct, frozen=True):
    """The names of both sides, their snapshot versions (empty for files), and the differences."""

    before: str
    before_version: str
    after: str
    after_version: str
    differences: tuple[Difference, ...]


@click.command(
    "diff",
    epilog=examples(
        "flaghoist diff flags.json origin",
        "flaghoist diff kv origin",
        "flaghoist diff https://flags.example.com/staging https://flags.example.com/production --json",
    ),
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@json_option
@target_options
def diff(before: str, after: str, as_json: bool, wanted: TargetOptions) -> None:
    """Show the changes that lead from A to B.

    A and B are each a flag file, `origin` (the one of --origin), `kv` (what the edge reads), or the address of an
    origin followed by the environment. Exits 1 when anything differs.
    """
    one, other, differences = compare_sources(before, after, wanted)
    result = Compared(before, one.version, after, other.version, differences)
    show(result, [*difference_lines(differences), _verdict(one, other, differences)], as_json=as_json)
    if differences:
        raise click.exceptions.Exit(1)


def _verdict(one: Side, other: Side, differences: tuple[Difference, ...]) -> str:
    sides = " and ".join(
        f"{side.name} (version {side.version})" if side.version else side.name for side in (one, other)
    )
    if differences:
        return toned(f"{counted(len(differences), 'difference')} between {sides}", "warning")
    return toned(f"no difference between {sides}", "good")
