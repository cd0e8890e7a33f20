"""Run the origin: settings from the environment, uvicorn in this process, a clean end on SIGTERM and SIGINT."""

import asyncio
import signal
import sys

import uvicorn

from origin.app import create_app
from origin.clock import SystemClock
from origin.kv_client import CloudflareKv
from origin.settings import Settings, read_settings
from origin.storage.store import Store
from shared.errors import InputError

USED_WRONGLY = 2
SHUTDOWN_SECONDS = 10


def main() -> None:
    """Serve until told to stop; exit with 2 and the faults on standard error when a setting is wrong."""
    try:
        settings = read_settings()
    except InputError as error:
        sys.stderr.writelines(f"{fault.path}: {fault.detail}\n" for fault in error.faults)
        sys.exit(USED_WRONGLY)
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve the origin that ``settings`` describe until a signal ends it."""
    clock = SystemClock()
    store = Store(settings.url, clock, settings.pool_limits)
    kv = CloudflareKv(settings) if settings.kv_account else None
    server = _server(settings, store, kv, clock)
    try:
        await server.serve()
    finally:
        if kv:
            await kv.aclose()
        await store.close()


def _server(settings: Settings, store: Store, kv: CloudflareKv | None, clock: SystemClock) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(settings, store=store, kv=kv, clock=clock),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal once more when it has stopped; with these handlers that does not cut short our own end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    return server
