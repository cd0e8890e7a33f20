"""The origin's settings in this process's environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from flaghoist.errors import InputError
from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_cli.installation.deferred import INSTALL_ORIGIN, DeferredModule
from flaghoist_cli.terminal.failure import CommandFailed

if TYPE_CHECKING:
    from flaghoist_origin.settings import settings as origin_settings
else:
    origin_settings = DeferredModule("flaghoist_origin.settings.settings", INSTALL_ORIGIN)

SHARED_WITH_COMMANDS = frozenset({"data_dir", "environment"})


class SettingRow(msgspec.Struct, frozen=True):
    """One setting: its variable, its value (never a secret's), its source, and its meaning."""

    variable: str
    value: str
    source: str
    help: str


def setting_rows(environ: Mapping[str, str]) -> tuple[SettingRow, ...]:
    """Return every setting; none where flaghoist-origin, whose settings they are, is not installed."""
    return tuple(_row(row, environ) for row in _rows())


def check_settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the faults of the variables that are set; without any, `flaghoist dev` works as it is."""
    rows = _rows()
    if not rows:
        yield Finding("settings", "ok", "not checked: flaghoist-origin, whose settings they are, is not installed here")
        return
    given = [row.variable for row in rows if row.variable in environ and row.name not in SHARED_WITH_COMMANDS]
    if not given:
        yield Finding("settings", "ok", "no setting of an origin is in the environment; `flaghoist dev` needs none")
        return
    try:
        origin_settings.read_settings(environ)
    except InputError as error:
        for fault in error.faults:
            yield Finding(
                "settings", "warn", f"{fault.path}: {fault.detail}", "an origin started from here would reject this"
            )
        return
    yield Finding("settings", "ok", f"{', '.join(given)} are set and valid")


def _rows() -> tuple[origin_settings.Row, ...]:
    try:
        return origin_settings.ROWS
    except CommandFailed:
        return ()


def _row(row: origin_settings.Row, environ: Mapping[str, str]) -> SettingRow:
    value = environ.get(row.variable)
    if value is None:
        return SettingRow(row.variable, str(row.default), "default", row.help)
    return SettingRow(row.variable, "(set)" if row.is_secret else value, "environment", row.help)
