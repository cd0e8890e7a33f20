"""`flaghoist types`: typed accessors for the flags of an environment or a file, in Python or TypeScript."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

from flaghoist_cli.client.target import TargetOptions
from flaghoist_cli.codegen.flags import Scope
from flaghoist_cli.codegen.languages import AccessorModule, Language, make_module
from flaghoist_cli.commands.options import confirm, dry_run_option, examples, json_option, target_options, yes_option
from flaghoist_cli.comparison.sources import flags_of
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.output import counted, show, whisper

MARK = "Made by `flaghoist types"


class Typed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was made: for which flags, where to; ``current`` says whether the file held it already.

    ``code`` is there where no file was named.
    """

    language: Language
    flags: int
    output: str
    written: bool
    current: bool
    clashes: tuple[Mapping[str, str], ...] = ()
    code: str = ""


@click.command(
    "types",
    epilog=examples(
        "flaghoist types --language python --output app/flags.py",
        "flaghoist types --language typescript --file flags.json",
        "flaghoist types --language typescript --output src/flags.ts --check",
    ),
)
@click.option("--language", type=click.Choice(["python", "typescript"]), required=True, help="What the code is to be.")
@click.option("--output", default="", metavar="FILE", help="Write there; else the code goes to standard output.")
@click.option("--file", "path", default="", help="Take the flags of this flag file instead of an origin's.")
@click.option(
    "--scope",
    type=click.Choice(["client", "server"]),
    help="client: flags that browsers see (as TypeScript has it), server: all of them (as Python has it).",
)
@click.option("--augment", is_flag=True, help="TypeScript: narrow OpenFeature's own clients and React hooks as well.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is not what would be written.")
@yes_option
@dry_run_option
@json_option
@target_options
def types(
    *,
    language: Language,
    output: str,
    path: str,
    scope: Scope | None,
    augment: bool,
    check: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    wanted: TargetOptions,
) -> None:
    """Generate typed accessors for feature flags.

    The flags come from --file, or from the origin's snapshot (which needs a server or admin key).
    Archived flags are left out. A file that this command has made before is written over without
    asking, any other only with --yes.
    """
    if check and not output:
        raise click.UsageError("--check compares with a file: give --output")
    if augment and language != "typescript":
        raise click.UsageError("--augment is for TypeScript: leave it out")
    module = make_module(flags_of(path, wanted), language, scope, augments=augment)
    _tell_clashes(module)
    if not output:
        _print(language, module, as_json=as_json)
        return
    held = _held(Path(output))
    is_current = held == module.code
    writes = not (check or dry_run or is_current)
    if writes:
        _write(Path(output), held, module.code, yes=yes)
    made = Typed(language, module.flags, output, writes, is_current, module.clashes)
    show(made, _lines(made, checked=check), as_json=as_json)
    if check and not is_current:
        raise click.exceptions.Exit(1)


def _print(language: Language, module: AccessorModule, *, as_json: bool) -> None:
    made = Typed(language, module.flags, "", False, False, module.clashes, module.code)
    show(made, [module.code.rstrip("\n")], as_json=as_json)


def _tell_clashes(module: AccessorModule) -> None:
    for group in module.clashes:
        names = ", ".join(f"{key} is {name}" for key, name in group.items())
        whisper(f"these keys would have had the same name: {names}")


def _held(path: Path) -> str | None:
    """Return what the file holds; None where there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path} cannot be read ({error}): name another file with --output") from error


def _write(path: Path, held: str | None, code: str, *, yes: bool) -> None:
    if held is not None and MARK not in held:
        confirm(f"{path} was not made by this command. Overwrite it?", yes=yes)
    try:
        path.write_text(code, "utf-8")
    except OSError as error:
        raise CommandFailed(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that exists"
        ) from error


def _lines(made: Typed, *, checked: bool) -> Iterator[str]:
    flags = counted(made.flags, "flag")
    if made.current:
        yield f"{made.output} is current: {flags}"
    elif checked:
        yield f"{made.output} is not current: run the command again without --check"
    else:
        yield f"{'wrote' if made.written else 'would write'} {flags} to {made.output}"
