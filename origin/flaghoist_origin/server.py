"""Run the origin: settings from the environment, uvicorn in this process, a clean end on SIGTERM and SIGINT."""

import asyncio
import logging
import os
import signal
import socket
import sys
from types import FrameType

import uvicorn

from flaghoist.errors import InputError
from flaghoist_origin.command_line import read_command_line
from flaghoist_origin.http.app import create_app
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.observability.access_log import AccessLog
from flaghoist_origin.observability.logs import configure_logging
from flaghoist_origin.observability.traces import TRACING, start_tracing
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.runtime.shutdown import Shutdown
from flaghoist_origin.services.services import Services
from flaghoist_origin.settings.open_files import within_open_files
from flaghoist_origin.settings.settings import Settings, read_settings
from flaghoist_origin.storage.store import Store

LOG = logging.getLogger("flaghoist.access")
USED_WRONGLY = 2
UNTAKEN_MS = 60_000
USER_TIMEOUT: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux


def main() -> None:
    """Serve until stopped; exit with 2 if an argument or a setting is wrong.

    Standard error then names each wrong setting.
    """
    read_command_line()
    try:
        settings = read_settings()
    except InputError as error:
        sys.stderr.writelines(f"{fault.path}: {fault.detail}\n" for fault in error.faults)
        sys.exit(USED_WRONGLY)
    configure_logging(settings.log_format, settings.log_level)
    start_tracing(os.environ)
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve the origin that ``settings`` describe until a signal ends it."""
    settings = within_open_files(settings)
    clock = SystemClock()
    store = Store(settings.url, clock, settings.pool_limits)
    kv = CloudflareKv(settings) if settings.kv_account else None
    logs_access = settings.access_log and LOG.isEnabledFor(logging.INFO)
    access = AccessLog(settings.log_format, sys.stderr) if logs_access else None
    server = _server(settings, store, kv, clock, access)
    try:
        await server.serve()
    finally:
        if kv:
            await kv.aclose()
        await store.close()
        if access:
            access.flush()
        await asyncio.to_thread(TRACING.stop)


class _Server(uvicorn.Server):
    """A server that announces its end, serves until load balancers have noticed, and ends streams before the rest."""

    def __init__(self, config: uvicorn.Config, shutdown: Shutdown, notice_seconds: float) -> None:
        super().__init__(config)
        self._shutdown, self._notice_seconds = shutdown, notice_seconds
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal: the first one announces the end; a second one skips the waiting."""
        if self._shutdown.is_announced or self._notice_seconds == 0:
            self._loop.call_soon_threadsafe(self._shutdown.announce)
            super().handle_exit(sig, frame)
        else:
            self._loop.call_soon_threadsafe(self._give_notice, sig)

    def _give_notice(self, sig: int) -> None:
        self._shutdown.announce()
        self._loop.call_later(self._notice_seconds, super().handle_exit, sig, None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; the system drops a connection whose client has read nothing for long, with its buffers."""
        await super().startup(sockets)
        for listener in (listener for server in self.servers for listener in server.sockets):
            if USER_TIMEOUT is not None:
                listener.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, UNTAKEN_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self.config.app.state.services.streams.drain()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def _server(
    settings: Settings, store: Store, kv: CloudflareKv | None, clock: SystemClock, access: AccessLog | None
) -> uvicorn.Server:
    app = create_app(settings, store=store, kv=kv, clock=clock, access=access)
    services: Services = app.state.services
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(settings.shutdown_seconds),
    )
    server = _Server(config, services.shutdown, settings.shutdown_notice_seconds)
    # uvicorn raises the signal again when it has stopped; these handlers keep it from interrupting our shutdown.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    return server
