"""Settings: one table, read from the environment, refused with the variable's name."""

import pytest

from flaghoist.errors import InputError
from flaghoist_origin.settings.settings import HELP, ROWS, Settings, read_settings

SECRET = {"FLAGHOIST_SECRET": "s" * 16}


def test_rows__every_setting__has_help_and_its_variable() -> None:
    assert [row.name for row in ROWS] == list(HELP)
    assert all(row.help and row.variable == f"FLAGHOIST_{row.name.upper()}" for row in ROWS)


def test_read__nothing_but_the_secret__defaults() -> None:
    assert read_settings(SECRET) == Settings(secret="s" * 16)


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("FLAGHOIST_PORT", "8080", "port", 8080),
        ("FLAGHOIST_HEARTBEAT_SECONDS", "2.5", "heartbeat_seconds", 2.5),
        ("FLAGHOIST_DATA_DIR", "/var/lib/flaghoist", "data_dir", "/var/lib/flaghoist"),
        ("FLAGHOIST_KV_TOKEN", "0123", "kv_token", "0123"),
    ],
)
def test_read__variable__converted(variable: str, text: str, name: str, value: object) -> None:
    assert getattr(read_settings({**SECRET, variable: text}), name) == value


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({}, "FLAGHOIST_SECRET"),
        ({"FLAGHOIST_SECRET": "short"}, "FLAGHOIST_SECRET"),
        ({**SECRET, "FLAGHOIST_PORT": "eighty"}, "FLAGHOIST_PORT"),
        ({**SECRET, "FLAGHOIST_LEASE_SECONDS": "4"}, "FLAGHOIST_LEASE_SECONDS"),
        ({**SECRET, "FLAGHOIST_DATABASE_URL": "mysql://h/d"}, "FLAGHOIST_DATABASE_URL"),
        ({**SECRET, "FLAGHOIST_DATABASE_POOL_SIZE": "1"}, "FLAGHOIST_DATABASE_POOL_SIZE"),
        ({**SECRET, "FLAGHOIST_DATABASE_CONNECT_SECONDS": "0"}, "FLAGHOIST_DATABASE_CONNECT_SECONDS"),
        ({**SECRET, "FLAGHOIST_DATABASE_STATEMENT_SECONDS": "nan"}, "FLAGHOIST_DATABASE_STATEMENT_SECONDS"),
        ({**SECRET, "FLAGHOIST_REFRESH_SECONDS": "6"}, "FLAGHOIST_REFRESH_SECONDS"),
        ({**SECRET, "FLAGHOIST_HEARTBEAT_SECONDS": "0"}, "FLAGHOIST_HEARTBEAT_SECONDS"),
        ({**SECRET, "FLAGHOIST_REFRESH_SECONDS": "nan"}, "FLAGHOIST_REFRESH_SECONDS"),
        ({**SECRET, "FLAGHOIST_VERSION_LOG_HOURS": "0"}, "FLAGHOIST_VERSION_LOG_HOURS"),
        ({**SECRET, "FLAGHOIST_STREAM_URLS": "EU=nowhere"}, "FLAGHOIST_STREAM_URLS"),
        ({**SECRET, "FLAGHOIST_STREAM_BUFFER_VERSIONS": "0"}, "FLAGHOIST_STREAM_BUFFER_VERSIONS"),
    ],
)
def test_read__bad_variable__named(environ: dict[str, str], variable: str) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(environ)
    assert [fault.path for fault in refused.value.faults] == [variable]


def test_url__empty__a_file_in_the_data_folder() -> None:
    assert Settings(data_dir="d").url == "sqlite+aiosqlite:///d/origin.sqlite3"
    assert Settings(database_url="sqlite:///x").url == "sqlite:///x"
