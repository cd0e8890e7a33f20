"""The origin's settings in this process's environment."""

from collections.abc import Iterator, Mapping

import msgspec

from flaghoist.errors import InputError
from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_origin.settings.settings import ROWS, Row, read_settings

SHARED_WITH_COMMANDS = frozenset({"data_dir", "environment"})


class SettingRow(msgspec.Struct, frozen=True):
    """One setting: its variable, its value (never a secret's), its source, and its meaning."""

    variable: str
    value: str
    source: str
    help: str


def setting_rows(environ: Mapping[str, str]) -> tuple[SettingRow, ...]:
    """Return every setting."""
    return tuple(_row(row, environ) for row in ROWS)


def check_settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the faults of the variables that are set; without any, `flaghoist dev` works as it is."""
    given = [row.variable for row in ROWS if row.variable in environ and row.name not in SHARED_WITH_COMMANDS]
    if not given:
        yield Finding("settings", "ok", "no setting of an origin is in the environment; `flaghoist dev` needs none")
        return
    try:
        read_settings(environ)
    except InputError as error:
        for fault in error.faults:
            yield Finding(
                "settings", "warn", f"{fault.path}: {fault.detail}", "an origin started from here would reject this"
            )
        return
    yield Finding("settings", "ok", f"{', '.join(given)} are set and valid")


def _row(row: Row, environ: Mapping[str, str]) -> SettingRow:
    value = environ.get(row.variable)
    if value is None:
        return SettingRow(row.variable, str(row.default), "default", row.help)
    return SettingRow(row.variable, "(set)" if row.is_secret else value, "environment", row.help)
