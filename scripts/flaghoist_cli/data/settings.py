"""The configuration of the local stack: origin settings, derived from its data folder and its addresses."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from flaghoist.protocol.sdk_origin import STREAM_PATH
from flaghoist_cli.client.target import ENVIRONMENT
from flaghoist_cli.files.secret_file import obtain_secret
from flaghoist_origin.settings.settings import ROWS, Settings

ACCOUNT = "local-account"
NAMESPACE = "local-flags"
KV_API = "/client/v4"
DECIDED_HERE = frozenset(
    {
        *("data_dir", "database_url", "redis_url", "host", "port", "environment", "secret"),
        *("kv_base_url", "kv_account", "kv_namespace", "kv_token"),
        "stream_urls",
    }
)

LOGS_FOR_PEOPLE = {"FLAGHOIST_LOG_FORMAT": "text", "FLAGHOIST_ACCESS_LOG": "false"}


def stack_secret(data_dir: Path) -> str:
    """Return the secret that the local edge and origin share: from FLAGHOIST_SECRET, else one created on first use."""
    return obtain_secret(os.environ, data_dir / "secret").value


def kv_token(data_dir: Path) -> str:
    """Return the token of the local KV API, created on first use."""
    return obtain_secret({}, data_dir / "kv.token").value


def local_settings(
    data_dir: Path, *, origin_url: str, kv_url: str, database_url: str = "", redis_url: str = ""
) -> Settings:
    """Return the settings of the local origin."""
    address = urlsplit(origin_url)
    return Settings(
        data_dir=str(data_dir.resolve()),
        database_url=database_url,
        redis_url=redis_url,
        host=address.hostname or "127.0.0.1",
        port=address.port or 0,
        environment=ENVIRONMENT,
        secret=stack_secret(data_dir),
        kv_base_url=f"{kv_url}{KV_API}",
        kv_account=ACCOUNT,
        kv_namespace=NAMESPACE,
        kv_token=kv_token(data_dir),
        stream_urls=origin_url + STREAM_PATH,
    )


def variables_of(settings: Settings) -> Mapping[str, str]:
    """Return the environment variables that the stack sets; other settings are left to the caller."""
    return {row.variable: str(getattr(settings, row.name)) for row in ROWS if row.name in DECIDED_HERE}
