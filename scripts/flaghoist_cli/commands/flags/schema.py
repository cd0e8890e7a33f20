"""`flaghoist schema`: the JSON Schema of a flag file, for editors and checkers."""

import click

from flaghoist.schemas.flag_file import rendered
from flaghoist_cli.commands.options import examples
from flaghoist_cli.terminal.output import print_line


@click.command("schema", epilog=examples("flaghoist schema > flag-file.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a flag file.

    An editor that knows it completes and checks flags while you type: give the file a member "$schema" with the path or
    address of the schema. An import ignores that member.
    """
    print_line(rendered().rstrip())
