"""The command group: loads only the command that was named, and turns every error into one sentence and exit code 1."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import IO, Any

import click

from scripts.cli.output import say_error
from shared.errors import FlaghoistError, InputError

COMMANDS: Mapping[str, str] = {
    "dev": "scripts.cli.dev:dev",
    "eval": "scripts.cli.evaluate:evaluate",
    "import": "scripts.cli.import_file:import_file",
    "export": "scripts.cli.export_file:export_file",
    "schema": "scripts.cli.schema:schema",
    "types": "scripts.cli.types:types",
    "diff": "scripts.cli.diff:diff",
    "verify": "scripts.cli.verify:verify",
    "rollback": "scripts.cli.rollback:rollback",
    "audit": "scripts.cli.audit:audit",
    "publish": "scripts.cli.publish:publish",
    "queue": "scripts.cli.queue:queue",
    "recover": "scripts.cli.recover:recover",
    "keys": "scripts.cli.keys:keys",
    "context": "scripts.cli.context:context",
    "environments": "scripts.cli.environments:environments",
    "backup": "scripts.cli.backup:backup",
    "restore": "scripts.cli.restore:restore_file",
    "doctor": "scripts.cli.doctor:doctor",
    "deploy": "scripts.cli.deploy:deploy",
    "bench": "scripts.cli.bench:bench",
}
TRACEBACK_VARIABLE = "FLAGHOIST_TRACEBACK"


class Failure(click.ClickException):
    """A failed command: shown as sentences on standard error, exit code 1."""

    exit_code = 1

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__(sentences[0])
        self.sentences = sentences

    def show(self, file: IO[Any] | None = None) -> None:
        """Print what failed and what helps."""
        for sentence in self.sentences:
            say_error(sentence)


class CommandGroup(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the named command, or None."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; this is the outermost handler, so that nobody meets a traceback."""
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
@click.version_option(package_name="flaghoist", prog_name="flaghoist")
def cli() -> None:
    """Feature flags, hoisted to the edge.

    Start with `flaghoist dev`: it runs the whole product on this machine, and the other
    commands find it by themselves. To talk to another origin, give --origin and --key,
    or set FLAGHOIST_ORIGIN and FLAGHOIST_KEY.
    """
