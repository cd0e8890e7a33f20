"""A web site for tests: answers by path as it was told, piece by piece where a test wants that, and notes who asked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

HTML = ("Content-Type", "text/html; charset=utf-8")
WAIT_SECONDS = 30
_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BODILESS = (204, 304)

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What the site answers; an event among the parts holds the rest back until it is set."""

    parts: Sequence[bytes | Event] = ()
    status: int = 200
    headers: Headers = (HTML,)
    is_chunked: bool = False


_NOT_FOUND = Answer(status=404, headers=())
DROPPED = Answer(status=0)
"""The connection is closed without an answer."""


@dataclass(frozen=True)
class Received:
    """A request as it arrived; ``headers`` in order, names in lower case."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for found, value in self.headers if found == name]

    def header(self, name: str) -> str:
        """Return the one value of a header, empty without one."""
        return ", ".join(self.all(name))


@dataclass
class SiteServer:
    """A running site; paths without an answer get 404."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    @property
    def last(self) -> Received:
        """The last request."""
        return self.received[-1]

    def page(self, path: str, *parts: bytes | Event, headers: Headers = (), status: int = 200) -> None:
        """Answer a path with HTML."""
        self.answers[path] = Answer(parts, status, (HTML, *headers), is_chunked=len(parts) > 1)


@contextmanager
def site_server() -> Iterator[SiteServer]:
    """Run a site on a free port."""
    site = SiteServer()

    class Handler(_Handler):
        served = site

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        site.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: SiteServer

    def handle_any(self) -> None:
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        received = Received(self.command, self.path, headers, self._body())
        self.served.received.append(received)
        if received.header("upgrade").lower() == "websocket":
            self._echo(received.header("sec-websocket-key"))
            return
        answer = self.served.answers.get(self.path.partition("?")[0], _NOT_FOUND)
        if answer is DROPPED:
            self.close_connection = True
            return
        with suppress(ConnectionError):
            self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        whole = b"".join(part for part in answer.parts if isinstance(part, bytes))
        if answer.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status not in _BODILESS and "Content-Length" not in dict(answer.headers):
            self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        if self.command == "HEAD" or answer.status in _BODILESS:
            return
        if answer.is_chunked:
            self._send_chunks(answer)
        else:
            self.wfile.write(whole)

    def _send_chunks(self, answer: Answer) -> None:
        for part in answer.parts:
            if isinstance(part, Event):
                part.wait(WAIT_SECONDS)
            elif part:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _echo(self, key: str) -> None:
        """Open a WebSocket, and send the first short frame back that comes."""
        accepted = base64.b64encode(hashlib.sha1(key.encode() + _WEBSOCKET_GUID).digest()).decode()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accepted)):
            self.send_header(name, value)
        self.end_headers()
        head = self.rfile.read(2)
        mask, masked = self.rfile.read(4), self.rfile.read(head[1] & 0x7F)
        text = bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked))
        self.wfile.write(bytes([head[0], len(text)]) + text)
        self.wfile.flush()
        self.close_connection = True
