"""What holds for every command: help with examples, JSON for programs, dry runs for writers, exit codes."""

from collections.abc import Iterator

import click
import pytest

from flaghoist_cli.commands.root import COMMANDS, cli
from tests.scripts.command import NOWHERE, flaghoist

PRINTS_JSON_ANYWAY = {"dev", "schema"}
WRITES = {
    *("rollback", "backup", "restore"),
    *("environments create", "environments copy", "environments remove"),
    *("import", "export", "publish", "recover", "deploy", "bench"),
    *("queue send", "queue drop"),
    "types",
    *("keys create", "keys revoke", "keys rotate"),
    *("keys signing create", "keys signing revoke", "keys signing rotate", "keys signing policy"),
}


def leaves() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield from below(name, command)


def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for inner, leaf in command.commands.items():
            yield from below(f"{name} {inner}", leaf)
    else:
        yield name, command


every_command = pytest.mark.parametrize(
    ("name", "command"), [pytest.param(name, command, id=name) for name, command in leaves()]
)


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


@every_command
def test_command__help__has_a_sentence_and_examples(name: str, command: click.Command) -> None:
    result = flaghoist(*name.split(), "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.stdout
    assert f"$ flaghoist {name}" in result.stdout
    assert (command.help or "").split("\n")[0].endswith(".")


@every_command
def test_command__options__are_those_that_its_kind_must_have(name: str, command: click.Command) -> None:
    assert ("--json" in options(command)) == (name not in PRINTS_JSON_ANYWAY)
    assert ("--dry-run" in options(command)) == (name in WRITES)


@every_command
def test_command__every_option__says_what_it_does(name: str, command: click.Command) -> None:
    silent = [option.name for option in command.params if isinstance(option, click.Option) and not option.help]
    assert silent == []


def test_flaghoist__unknown_command__is_used_wrongly() -> None:
    assert flaghoist("nonsense").exit_code == 2


def test_flaghoist__no_arguments__lists_the_commands() -> None:
    result = flaghoist("--help")
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", ["publish", "recover", "keys list", "export"])
def test_command__origin_away__fails_in_one_sentence(name: str) -> None:
    arguments = [*name.split(), *(["--yes"] if name in {"recover", "export"} else [])]
    result = flaghoist(*arguments, origin=NOWHERE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_command__unexpected_error__is_reported_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "dev", "flaghoist_cli.nowhere:dev")
    result = flaghoist("dev")
    assert result.exit_code == 1
    assert "unexpected ModuleNotFoundError" in result.stderr
    assert "FLAGHOIST_TRACEBACK=1" in result.stderr
