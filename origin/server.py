"""Run the origin: settings from the environment, uvicorn in this process, a clean end on SIGTERM and SIGINT."""

import asyncio
import signal
import socket
import sys

import uvicorn

from origin.app import create_app
from origin.clock import SystemClock
from origin.kv_client import CloudflareKv
from origin.open_files import within_open_files
from origin.settings import Settings, read_settings
from origin.storage.store import Store
from shared.errors import InputError

USED_WRONGLY = 2
SHUTDOWN_SECONDS = 10
UNTAKEN_MS = 60_000
USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux


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
    settings = within_open_files(settings)
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


class _Server(uvicorn.Server):
    """Sends the clients of streams away before it waits for what is still being answered."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; a connection whose other side takes nothing for long is dropped by the system, buffers and all."""
        await super().startup(sockets)
        for listener in (listener for server in self.servers for listener in server.sockets):
            if USER_TIMEOUT is not None:
                listener.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, UNTAKEN_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self.config.app.state.services.streams.drain()  # type: ignore[union-attr]
        await super().shutdown(sockets)


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
    server = _Server(config)
    # uvicorn raises the signal once more when it has stopped; with these handlers that does not cut short our own end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    return server
