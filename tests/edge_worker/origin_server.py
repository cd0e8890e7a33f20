"""A `FakeOrigin` behind a real socket, for a Worker that runs in workerd."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from flaghoist_edge.ports.platform import OutgoingRequest
from tests.edge_worker.fakes import FakeClock, FakeOrigin
from tests.published import Published


class WallClock(FakeClock):
    """Real time, as far as an origin asks for it."""

    def __init__(self) -> None:
        super().__init__(int(time.time() * 1000))


@contextmanager
def origin_server(snapshot: Published) -> Iterator[tuple[str, FakeOrigin]]:
    """Serve a snapshot as an origin does; yield its base URL and the origin that answers."""
    origin = FakeOrigin(snapshot, WallClock())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            origin.asked.append(self.path)
            response = origin.respond(
                OutgoingRequest(self.command, self.path, _both_cases(self.headers.items()), body), self.path
            )
            self.send_response(response.status)
            for name, value in (*response.headers.items(), ("Content-Length", str(len(response.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST

        def log_message(self, format: str, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", origin
        server.shutdown()


def _both_cases(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return the headers by the names that Worker and answers use."""
    return {spelled: value for name, value in headers for spelled in (name.lower(), name.title())}
