"""The origin as a factory, for servers that need one."""

from starlette.applications import Starlette

from flaghoist_origin.http.app import create_app
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.settings.settings import read_settings
from flaghoist_origin.storage.store import Store


def create() -> Starlette:
    """Return the origin that the process's environment configures; it publishes nothing."""
    settings = read_settings()
    clock = SystemClock()
    return create_app(settings, store=Store(settings.url, clock), kv=None, clock=clock)
