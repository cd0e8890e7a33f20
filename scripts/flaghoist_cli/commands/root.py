"""The command group: loads only the command that is run, and turns every error into one sentence and exit code 1."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import IO, Any

import click

from flaghoist.errors import FlaghoistError, InputError
from flaghoist_cli.commands.checkout_commands import CHECKOUT_COMMANDS, is_available, stand_in
from flaghoist_cli.terminal.output import print_error

COMMANDS: Mapping[str, str] = {
    "dev": "flaghoist_cli.commands.stack.dev:dev",
    "eval": "flaghoist_cli.commands.flags.evaluate:evaluate",
    "import": "flaghoist_cli.commands.flags.import_file:import_file",
    "export": "flaghoist_cli.commands.flags.export_file:export_file",
    "schema": "flaghoist_cli.commands.flags.schema:schema",
    "types": "flaghoist_cli.commands.flags.types:types",
    "diff": "flaghoist_cli.commands.flags.diff:diff",
    "verify": "flaghoist_cli.commands.flags.verify:verify",
    "rollback": "flaghoist_cli.commands.history.rollback:rollback",
    "audit": "flaghoist_cli.commands.history.audit:audit",
    "publish": "flaghoist_cli.commands.history.publish:publish",
    "queue": "flaghoist_cli.commands.history.queue:queue",
    "recover": "flaghoist_cli.commands.history.recover:recover",
    "keys": "flaghoist_cli.commands.access.keys:keys",
    "context": "flaghoist_cli.commands.access.context:context",
    "environments": "flaghoist_cli.commands.access.environments:environments",
    "backup": "flaghoist_cli.commands.history.backup:backup",
    "restore": "flaghoist_cli.commands.history.restore:restore_file",
    "doctor": "flaghoist_cli.commands.stack.doctor:doctor",
    "deploy": "flaghoist_cli.commands.stack.deploy:deploy",
    "bench": "bench.command:bench",
}
TRACEBACK_VARIABLE = "FLAGHOIST_TRACEBACK"


class Failure(click.ClickException):
    """A failed command: its message on standard error, exit code 1."""

    exit_code = 1

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__(sentences[0])
        self.sentences = sentences

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error and its remedy."""
        for sentence in self.sentences:
            print_error(sentence)


class CommandGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the named command, or None."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        if cmd_name in CHECKOUT_COMMANDS and not is_available(module):
            return stand_in(cmd_name)
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; this is the outermost error handler, so that users see no traceback."""
        try:
            return super().invoke(ctx)
        except FlaghoistError as error:
            raise Failure(_sentences(error)) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get(TRACEBACK_VARIABLE):
                raise
            sentence = f"unexpected {type(error).__name__}: {error}: set {TRACEBACK_VARIABLE}=1 to see where"
            raise Failure((sentence,)) from error


def _sentences(error: FlaghoistError) -> tuple[str, ...]:
    if isinstance(error, InputError):
        return tuple(f"{fault.path}: {fault.detail}" for fault in error.faults)
    return (str(error),)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="flaghoist-cli", prog_name="flaghoist")
def cli() -> None:
    """Feature flags, hoisted to the edge.

    Start with `flaghoist dev`: it runs the whole product on this machine, and the other
    commands find it by themselves. To talk to another origin, give --origin and --key,
    or set FLAGHOIST_ORIGIN and FLAGHOIST_KEY.
    """
