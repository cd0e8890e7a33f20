"""`flaghoist doctor`: each check says ok, or what to do."""

import json
import socket
from email.utils import formatdate
from pathlib import Path

import httpx
import msgspec
import pytest

from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_cli.diagnosis.machine import check_machine, check_port
from flaghoist_cli.diagnosis.services import check_services
from flaghoist_cli.diagnosis.settings import check_settings, setting_rows
from tests.scripts.command import NOWHERE, flaghoist

ENVIRONMENT = {"committed": "1-4", "in_kv": "1-4", "kv_lag_seconds": 0, "publishing": "published", "detail": ""}


def services(environment: dict[str, object], *, ready: bool = True, date: str = "") -> list[Finding]:
    """Return what is found of an origin whose readiness is this."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/readyz"
        body = {
            "ready": ready,
            "reasons": [] if ready else ["KV is ahead"],
            "environments": {"production": environment},
        }
        return httpx.Response(
            200 if ready else 503, content=msgspec.json.encode(body), headers={"Date": date or formatdate()}
        )

    return list(check_services("http://origin.test", "", httpx.MockTransport(answer)))


def test_check_services__all_well__is_ok() -> None:
    assert [(finding.check, finding.status) for finding in services(ENVIRONMENT)] == [
        ("origin", "ok"),
        ("KV", "ok"),
        ("clock", "ok"),
    ]


def test_check_services__not_ready__gives_the_reason() -> None:
    first = services(ENVIRONMENT, ready=False)[0]
    assert (first.status, "KV is ahead" in first.detail) == ("fail", True)


def test_check_services__kv_lags__fails_with_the_remedy() -> None:
    lagging = services({**ENVIRONMENT, "in_kv": "1-2", "kv_lag_seconds": 90})[1]
    assert lagging.status == "fail"
    assert "waiting for 90 s" in lagging.detail
    assert "flaghoist publish" in lagging.remedy


def test_check_services__clocks_differ__warns() -> None:
    clock = services(ENVIRONMENT, date="Mon, 01 Jan 2024 00:00:00 GMT")[2]
    assert (clock.check, clock.status) == ("clock", "warn")


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Jan 2024 00:00:00 GMT"])
def test_check_services__date_that_is_none__warns(date: str) -> None:
    clock = services(ENVIRONMENT, date=date)[2]
    assert (clock.status, clock.detail) == ("warn", "the origin sends no Date that can be read")


def test_check_services__nobody_answers__fails() -> None:
    origin, edge = check_services(NOWHERE, NOWHERE)
    assert (origin.status, edge.status) == ("fail", "fail")
    assert NOWHERE in origin.detail


def test_check_machine__open_data_folder__warns(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = list(check_machine(tmp_path, None))[-1]
    assert (folder.status, folder.remedy) == ("warn", f"`chmod 700 {tmp_path}`")


def test_check_port__busy__says_how_to_take_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        edge = check_port("edge", taken.getsockname()[1], None)
    assert (edge.status, edge.remedy) == ("warn", "start with `flaghoist dev --edge-port 0`")


def test_check_settings__malformed_variable__is_named() -> None:
    found = list(check_settings({"FLAGHOIST_PORT": "many", "FLAGHOIST_SECRET": "s" * 32}))
    assert [finding.status for finding in found] == ["warn"]
    assert found[0].detail.startswith("FLAGHOIST_PORT:")


def test_setting_rows__secret__is_never_shown() -> None:
    rows = {row.variable: row for row in setting_rows({"FLAGHOIST_SECRET": "hush", "FLAGHOIST_PORT": "81"})}
    assert (rows["FLAGHOIST_SECRET"].value, rows["FLAGHOIST_SECRET"].source) == ("(set)", "environment")
    assert rows["FLAGHOIST_PORT"].value == "81"


def test_doctor__json__holds_findings_and_settings(tmp_path: Path) -> None:
    printed = json.loads(flaghoist("doctor", "--json", data_dir=tmp_path).stdout)
    statuses = {finding["check"]: finding["status"] for finding in printed["findings"]}
    assert statuses["node"] == statuses["wrangler"] == statuses["workerd"] == "ok"
    assert any(row["variable"] == "FLAGHOIST_SECRET" for row in printed["settings"])


def test_doctor__origin_away__exits_1() -> None:
    result = flaghoist("doctor", origin=NOWHERE)
    assert result.exit_code == 1
    assert "fail  origin:" in result.stdout
