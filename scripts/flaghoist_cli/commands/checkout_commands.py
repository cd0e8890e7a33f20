"""Commands whose code is in a checkout of the project and in no wheel: what stands in for them elsewhere."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click

from flaghoist_cli.installation.checkout import checkout, find_checkout
from flaghoist_cli.terminal.failure import CommandFailed


class CheckoutCommand(NamedTuple):
    """What is said of a command without its code: its summary, and what runs it in a checkout."""

    summary: str
    run: str


CHECKOUT_COMMANDS: Mapping[str, CheckoutCommand] = {
    "bench": CheckoutCommand("Measure the edge's bootstrap beside other flag services.", "make bench"),
}


def is_available(module: str) -> bool:
    """Say whether a module of the checkout's scripts/ can be imported; a package of the same name is not meant."""
    spec, root = find_spec(module.partition(".")[0]), find_checkout()
    if spec is None or spec.origin is None or root is None:
        return False
    return Path(spec.origin).is_relative_to(root / "scripts")


def stand_in(name: str) -> click.Command:
    """Return a command that has the same name and summary, takes any arguments, and says how to run the real one."""
    summary, run = CHECKOUT_COMMANDS[name]

    @click.command(
        name,
        help=f"{summary}\n\nIt runs from a checkout of the project: `{run}` there.",
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
    def command(arguments: tuple[str, ...]) -> None:
        root = checkout(f"`flaghoist {name}`", run=run)
        raise CommandFailed(f"`flaghoist {name}` runs with the tools of a checkout: `{run}` in {root}")

    return command
