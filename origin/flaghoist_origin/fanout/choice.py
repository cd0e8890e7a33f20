"""Choose the transport from the settings: Valkey if it is configured, else PostgreSQL itself, else none."""

from flaghoist_origin.fanout.postgres import PostgresFanout
from flaghoist_origin.fanout.transport import Transport
from flaghoist_origin.fanout.valkey import ValkeyFanout
from flaghoist_origin.settings.settings import Settings


def choose_transport(settings: Settings) -> Transport | None:
    """Return the transport for hints to other origins; None if the database is a file, which other origins poll."""
    if settings.redis_url:
        return ValkeyFanout(settings.redis_url, settings.fanout_channel)
    if settings.url.startswith("postgres"):
        return PostgresFanout(settings.url, settings.pool_limits, settings.fanout_channel)
    return None
