"""`flaghoist doctor`: find problems of this machine, this checkout, and the running services."""

import os
from collections.abc import Iterator

import click
import msgspec

from flaghoist_cli.client.target import TargetOptions
from flaghoist_cli.commands.options import edge_option, examples, json_option, target_options
from flaghoist_cli.diagnosis import diagnose
from flaghoist_cli.diagnosis.finding import Finding, Status
from flaghoist_cli.diagnosis.settings import SettingRow, setting_rows
from flaghoist_cli.terminal.output import Tone, print_json, print_line, table, toned

TONES: dict[Status, Tone] = {"ok": "good", "warn": "warning", "fail": "bad"}


class Diagnosis(msgspec.Struct, frozen=True):
    """All findings, and the origin's settings."""

    findings: tuple[Finding, ...]
    settings: tuple[SettingRow, ...]


@click.command(
    "doctor", epilog=examples("flaghoist doctor", "flaghoist doctor --no-settings", "flaghoist doctor --json")
)
@click.option("--settings/--no-settings", "with_settings", default=True, help="Print the origin's settings as well.")
@json_option
@edge_option
@target_options
def doctor(*, with_settings: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Check this machine and the services.

    Checks tools, ports, the data folder, settings, and a running origin and edge. Every line ends in ok or says what to
    do. The settings below are those that an origin started from here would have, each with its source and meaning;
    secrets are not shown. Exits 1 when a check fails; warnings do not count.
    """
    findings: list[Finding] = []
    for finding in diagnose(wanted, os.environ):
        findings.append(finding)
        if not as_json:
            for line in _lines(finding):
                print_line(line)
    rows = setting_rows(os.environ)
    if as_json:
        print_json(Diagnosis(tuple(findings), rows))
    elif with_settings and rows:
        for line in _setting_lines(rows):
            print_line(line)
    if any(finding.status == "fail" for finding in findings):
        raise click.exceptions.Exit(1)


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{toned(f'{finding.status:<4}', TONES[finding.status])}  {finding.check}: {finding.detail}"
    if finding.remedy:
        yield f"      → {finding.remedy}"


def _setting_lines(rows: tuple[SettingRow, ...]) -> list[str]:
    cells = [[row.variable, row.value or "(empty)", row.source, row.help] for row in rows]
    return ["", *table(("variable", "value", "from", "meaning"), cells)]
