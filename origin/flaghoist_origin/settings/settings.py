"""The origin's settings: one table of rows, each read from an environment variable ``FLAGHOIST_<NAME>``."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from flaghoist.errors import Fault, InputError
from flaghoist_origin.observability.logs import LogFormat
from flaghoist_origin.settings.pool_limits import DEFAULT_LIMITS, PoolLimits
from flaghoist_origin.settings.stream_places import read_places

PREFIX = "FLAGHOIST_"
LogLevel = Literal["critical", "error", "warning", "info", "debug"]
SECRETS = frozenset({"secret", "kv_token", "database_url", "metrics_token", "redis_url"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an operator can set; ``ROWS`` says what each means."""

    data_dir: str = ".flaghoist"
    database_url: str = ""
    database_pool_size: int = DEFAULT_LIMITS.connections
    database_connect_seconds: float = DEFAULT_LIMITS.connect_seconds
    database_statement_seconds: float = 10.0
    redis_url: str = ""
    fanout_channel: str = "flaghoist"
    host: str = "127.0.0.1"
    port: int = 8000
    environment: str = "production"
    secret: str = ""
    kv_base_url: str = ""
    kv_account: str = ""
    kv_namespace: str = ""
    kv_token: str = ""
    heartbeat_seconds: float = 30.0
    publish_interval_seconds: float = 2.0
    lease_seconds: float = 6.0
    kv_timeout_seconds: float = 10.0
    kv_write_timeout_seconds: float = 4.0
    refresh_seconds: float = 0.5
    ttl_seconds: int = 30
    log_level: LogLevel = "info"
    log_format: LogFormat = "json"
    access_log: bool = True
    metrics_token: str = ""
    shutdown_notice_seconds: float = 0.0
    shutdown_seconds: float = 10.0
    version_log_hours: float = 24.0
    version_log_versions: int = 1_000
    stream_urls: str = ""
    stream_limit: int = 10_000
    stream_heartbeat_seconds: float = 30.0
    stream_retry_seconds: float = 2.0
    stream_full_retry_seconds: float = 300.0
    stream_drain_seconds: float = 5.0
    stream_send_seconds: float = 20.0
    stream_buffer_versions: int = 1_000
    report_exposures: bool = True
    events_per_second: int = 1_000
    event_days: float = 90.0

    @property
    def url(self) -> str:
        """Return the SQLAlchemy URL of the database: ``database_url``, or a SQLite file in ``data_dir``."""
        return self.database_url or f"sqlite+aiosqlite:///{Path(self.data_dir) / 'origin.sqlite3'}"

    @property
    def pool_limits(self) -> PoolLimits:
        """Return the limits of connections to the database."""
        return PoolLimits(self.database_pool_size, self.database_connect_seconds, self.database_statement_seconds)


class Row(NamedTuple):
    """One setting as documentation lists it."""

    name: str
    type: Any
    default: object
    help: str

    @property
    def type_name(self) -> str:
        """Return the type as documentation names it."""
        return "str" if get_args(self.type) else str(self.type.__name__)

    @property
    def is_secret(self) -> bool:
        """Return whether the value must not be shown."""
        return self.name in SECRETS

    @property
    def variable(self) -> str:
        """Return the environment variable that sets it."""
        return PREFIX + self.name.upper()


HELP = {
    "data_dir": "folder of the SQLite database and of other files of the origin",
    "database_url": "URL of the database, postgresql:// or sqlite://; empty: a SQLite file in the data folder",
    "database_pool_size": "most connections to PostgreSQL; fan-out uses one more",
    "database_connect_seconds": "how long a connection to PostgreSQL may take to open or to become free",
    "database_statement_seconds": "how long PostgreSQL may take for one statement",
    "redis_url": "URL of a Valkey or Redis that notifies other origins of changes; empty: PostgreSQL does",
    "fanout_channel": "channel name; origins that share a database must use the same one",
    "host": "address to listen on",
    "port": "port to listen on",
    "environment": "name of the environment that the first start creates",
    "secret": "at least 16 characters; seals identifiers and authenticates the edge; the same as in the Worker",
    "kv_base_url": "base URL of the Cloudflare API; empty: Cloudflare's own",
    "kv_account": "Cloudflare account id that owns the KV namespace; empty: nothing is published",
    "kv_namespace": "id of the Workers KV namespace",
    "kv_token": "Cloudflare API token that may write Workers KV",
    "heartbeat_seconds": "how often the manifest is read back and confirmed",
    "publish_interval_seconds": "shortest time between two publishes of one environment",
    "lease_seconds": "how long the lease of an origin that dies stays valid; longer than the write timeout",
    "kv_timeout_seconds": "timeout of one call to KV, including retries",
    "kv_write_timeout_seconds": "timeout of writing a manifest to KV, including retries",
    "refresh_seconds": "how often the database is polled for changes of other origins; at most 5",
    "ttl_seconds": "how long the edge serves a confirmed manifest before it reads again",
    "log_level": "critical, error, warning, info or debug",
    "log_format": "json, one object per line, or text",
    "access_log": "one log line per request; set it to false if a proxy writes them",
    "metrics_token": "bearer token for /metrics; empty: open to everybody who can reach the port",
    "shutdown_notice_seconds": "how long /readyz answers 503 before the origin stops accepting connections",
    "shutdown_seconds": "how long active requests may take to finish after that",
    "version_log_hours": "how long streams can replay the versions that a client missed",
    "version_log_versions": "this many latest versions can be replayed, however old they are",
    "stream_urls": "URL of /v1/stream for OFREP clients; or one per continent, EU=…,NA=…; empty: none",
    "stream_limit": "most streams of one process; further clients are told to come back later",
    "stream_heartbeat_seconds": "how often a stream sends a comment, so that proxies and clients see it alive",
    "stream_retry_seconds": "about how long a client waits before it reconnects",
    "stream_full_retry_seconds": "about how long a client waits that was rejected for lack of places",
    "stream_drain_seconds": "the time over which clients spread their reconnects when this origin shuts down",
    "stream_send_seconds": "a client that reads nothing for this long is disconnected and can catch up later",
    "stream_buffer_versions": "versions kept in memory for streams; a client further behind is disconnected",
    "report_exposures": "store each single-flag answer of this origin as an exposure; false: clients report everything",
    "events_per_second": "most events per second that client keys of an environment may report to this origin",
    "event_days": "how many days exposures and tracked events are kept",
}
ROWS: tuple[Row, ...] = tuple(
    Row(field.name, field.type, field.default, HELP[field.name]) for field in msgspec.structs.fields(Settings)
)
SECRET_CHARACTERS_MINIMUM = 16
POOL_SIZE_MINIMUM = 2
REFRESH_SECONDS_MOST = 5
DATABASES = frozenset({"sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg"})


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in ``environ`` (by default the process's); InputError names each malformed variable."""
    source = os.environ if environ is None else environ
    values: dict[str, object] = {}
    faults: list[Fault] = []
    for row in ROWS:
        text = source.get(row.variable)
        if text is None:
            continue
        try:
            values[row.name] = msgspec.convert(text, row.type, strict=False)
        except msgspec.ValidationError as error:
            faults.append(Fault(row.variable, str(error)))
    if faults:
        raise InputError(*faults)
    return check_settings(Settings(**values))  # type: ignore[arg-type]


def check_settings(settings: Settings) -> Settings:
    """Return ``settings``, or raise InputError naming each variable that is missing or contradicts another."""
    faults = [Fault(PREFIX + name, detail) for name, broken, detail in _rules(settings) if broken]
    if faults:
        raise InputError(*faults)
    return settings


def _rules(settings: Settings) -> tuple[tuple[str, bool, str], ...]:
    return (
        ("SECRET", len(settings.secret) < SECRET_CHARACTERS_MINIMUM, HELP["secret"]),
        ("LEASE_SECONDS", settings.lease_seconds <= settings.kv_write_timeout_seconds, HELP["lease_seconds"]),
        (
            "DATABASE_URL",
            not _has_scheme(settings.database_url, DATABASES),
            "must begin with postgresql:// or sqlite://",
        ),
        (
            "DATABASE_POOL_SIZE",
            settings.database_pool_size < POOL_SIZE_MINIMUM,
            f"must be {POOL_SIZE_MINIMUM} or more",
        ),
        ("DATABASE_CONNECT_SECONDS", not settings.database_connect_seconds > 0, "must be positive"),
        ("DATABASE_STATEMENT_SECONDS", not settings.database_statement_seconds > 0, "must be positive"),
        ("HEARTBEAT_SECONDS", not settings.heartbeat_seconds > 0, "must be positive"),
        (
            "REFRESH_SECONDS",
            not 0 < settings.refresh_seconds <= REFRESH_SECONDS_MOST,
            f"must be positive, and at most {REFRESH_SECONDS_MOST}: it bounds how late a change is seen anywhere",
        ),
        ("VERSION_LOG_HOURS", not settings.version_log_hours > 0, "must be positive"),
        ("VERSION_LOG_VERSIONS", settings.version_log_versions < 0, "must not be negative"),
        ("STREAM_URLS", read_places(settings.stream_urls) is None, HELP["stream_urls"]),
        ("STREAM_LIMIT", settings.stream_limit < 0, "must not be negative"),
        ("STREAM_HEARTBEAT_SECONDS", not settings.stream_heartbeat_seconds > 0, "must be positive"),
        ("STREAM_SEND_SECONDS", not settings.stream_send_seconds > 0, "must be positive"),
        ("STREAM_BUFFER_VERSIONS", settings.stream_buffer_versions < 1, "must be positive"),
        ("EVENTS_PER_SECOND", settings.events_per_second < 1, "must be positive"),
        ("EVENT_DAYS", not settings.event_days > 0, "must be positive"),
        ("SHUTDOWN_NOTICE_SECONDS", not settings.shutdown_notice_seconds >= 0, "must not be negative"),
        ("SHUTDOWN_SECONDS", not settings.shutdown_seconds >= 0, "must not be negative"),
    )


def _has_scheme(url: str, schemes: Collection[str]) -> bool:
    return not url or url.partition("://")[0] in schemes
