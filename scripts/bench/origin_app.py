"""The origin as a factory, for servers that are told where an application is made."""

from starlette.applications import Starlette

from origin.app import create_app
from origin.clock import SystemClock
from origin.settings import read_settings
from origin.storage.store import Store


def create() -> Starlette:
    """Return the origin that the process's environment describes; it publishes nothing."""
    settings = read_settings()
    clock = SystemClock()
    return create_app(settings, store=Store(settings.url, clock), kv=None, clock=clock)
