"""`flaghoist eval`: evaluation in process, its explanation, and the ways to use it wrongly."""

import json
from pathlib import Path

import pytest

from flaghoist_cli.local.dev.demo_files import demo_contexts, demo_flags
from tests.scripts.command import NOWHERE, flaghoist
from tests.scripts.fake_origin import OriginState

ADA = f"@{demo_contexts()}#ada"


def test_eval__file__prints_value_and_reason() -> None:
    result = flaghoist("eval", "free-shipping-from", "--file", str(demo_flags()), "--context", ADA)
    assert result.stdout.splitlines() == [
        "free-shipping-from = 50",
        "  variation fifty, reason TARGETING_MATCH, ruleId europe",
    ]
    assert result.exit_code == 0


def test_eval__json__gives_the_value_as_json() -> None:
    printed = json.loads(flaghoist("eval", "bulk-discount", "--file", str(demo_flags()), "--json").stdout)
    assert (printed["value"], printed["variation"], printed["reason"]) == (0.0, "none", "DEFAULT")
    assert "error_code" not in printed


def test_eval__explain__names_each_step() -> None:
    lines = flaghoist(
        "eval", "new-checkout", "--file", str(demo_flags()), "--context", ADA, "--explain"
    ).stdout.splitlines()
    assert lines[0].strip().startswith("✓ on:")
    assert any("payments-api-v2 ✓ on" in line for line in lines), "steps of a prerequisite say whose they are"
    assert any("rule 'testers'" in line for line in lines)
    assert "new-checkout = true" in lines


def test_eval__unknown_flag__exits_1_with_its_code() -> None:
    result = flaghoist("eval", "nope", "--file", str(demo_flags()))
    assert result.exit_code == 1
    assert "FLAG_NOT_FOUND" in result.stdout


def test_eval__origin__evaluates_its_snapshot(origin: OriginState) -> None:
    result = flaghoist("eval", "checkout", origin=origin.url)
    assert "checkout = true" in result.stdout
    assert origin.requests == ["GET /snapshot"]


def test_eval__no_origin_known__says_how_to_name_one() -> None:
    result = flaghoist("eval", "checkout")
    assert result.exit_code == 1
    assert "start `flaghoist dev`" in result.stderr
    assert "FLAGHOIST_ORIGIN" in result.stderr


def test_eval__origin_away__says_which() -> None:
    result = flaghoist("eval", "checkout", origin=NOWHERE)
    assert result.exit_code == 1
    assert f"{NOWHERE} does not answer" in result.stderr


def test_eval__wrong_key__says_what_to_give(origin: OriginState) -> None:
    result = flaghoist("eval", "checkout", "--key", "fh_admin_production_wrong", origin=origin.url)
    assert result.exit_code == 1
    assert "--key or FLAGHOIST_KEY" in result.stderr


@pytest.mark.parametrize(
    ("context", "printed"),
    [
        ("{", "$: not JSON"),
        ("[]", "--context: a context is a JSON object"),
        ("@nowhere.json", "nowhere.json cannot be read"),
        (f"@{demo_contexts()}#nobody", "has no context named nobody: it has ada, barbara"),
        ('{"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}', "context_depth is limited to 6"),
    ],
)
def test_eval__bad_context__is_one_sentence(context: str, printed: str) -> None:
    result = flaghoist("eval", "dark-mode", "--file", str(demo_flags()), "--context", context)
    assert result.exit_code == 1
    assert printed in result.stderr
    assert "Traceback" not in result.stderr


def test_eval__remote_and_file__is_used_wrongly() -> None:
    result = flaghoist("eval", "dark-mode", "--remote", "--file", str(demo_flags()))
    assert result.exit_code == 2


def test_eval__missing_file__names_it(tmp_path: Path) -> None:
    result = flaghoist("eval", "x", "--file", str(tmp_path / "flags.json"))
    assert result.exit_code == 1
    assert "flags.json cannot be read" in result.stderr
