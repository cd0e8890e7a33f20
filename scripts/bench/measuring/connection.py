"""One kept-alive HTTP/1.1 connection on a blocking socket, so that the client adds little to the measurement."""

import re
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import msgspec

from flaghoist_cli.local.ports import HOST
from flaghoist_cli.terminal.failure import CommandFailed

_TIMEOUT_SECONDS = 60.0
_RECEIVE_BUFFER_BYTES = 1 << 22
"""Socket buffer, set before connecting: an answer fits, and no window has to grow during the measurement."""
_FIRST_BUFFER_BYTES = 1 << 21
_MOST_HEAD_BYTES = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BODILESS = frozenset({204, 304})


class Received(msgspec.Struct, frozen=True):
    """An answer; ``head`` is its status line and headers."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, empty if it is missing."""
        found = re.search(rb"\r\n" + re.escape(name.encode()) + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return found[1].decode("latin-1") if found else ""


def request_head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return a request's beginning, up to the value of Content-Length."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Content-Type: application/json", "Content-Length: "]).encode()


def around_context(path: str, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Return the text before and after the context in the URL of a GET; ``path`` ends with a query."""
    lines = [" HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in headers.items())]
    return f"GET {path}&context=".encode(), ("\r\n".join(lines) + "\r\n\r\n").encode()


def with_body(head: bytes, body: bytes) -> bytes:
    """Return the bytes of a whole request."""
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


class Connection:
    """A connection to a port of this machine; use it as a context manager."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(_TIMEOUT_SECONDS)
        self._socket.connect((HOST, port))
        self._buffer = bytearray(_FIRST_BUFFER_BYTES)
        self._head_bytes = 0
        self._filled = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def exchange(self, request: bytes) -> int:
        """Send a request and return the answer's status when its last byte has arrived."""
        self._socket.sendall(request)
        self._filled = 0
        self._head_bytes = self._receive_head()
        head = bytes(self._buffer[: self._head_bytes])
        status = int(head[9:12])
        length = _LENGTH.search(head)
        if length is None and status not in _BODILESS:
            raise CommandFailed("a server under measurement answers without Content-Length")
        self._receive(self._head_bytes + (int(length[1]) if length and status not in _BODILESS else 0))
        return status

    @property
    def received_bytes(self) -> int:
        """The size of the last answer's body."""
        return self._filled - self._head_bytes

    def fetch(self, request: bytes) -> Received:
        """Send a request and return the whole answer."""
        status = self.exchange(request)
        answer = bytes(self._buffer[: self._filled])
        return Received(status, answer[: self._head_bytes], answer[self._head_bytes :])

    def _receive_head(self) -> int:
        while True:
            self._receive(self._filled + 1)
            end = self._buffer.find(b"\r\n\r\n", 0, self._filled)
            if end >= 0:
                return end + 4
            if self._filled > _MOST_HEAD_BYTES:
                raise CommandFailed("a server under measurement sends headers without end")

    def _receive(self, wanted: int) -> None:
        """Receive until at least so many bytes have arrived."""
        if wanted > len(self._buffer):
            self._buffer.extend(bytes(wanted))
        # A view prevents resizing, so it is released before the next answer.
        with memoryview(self._buffer) as view:
            while self._filled < wanted:
                received = self._received_into(view[self._filled :])
                if received == 0:
                    raise CommandFailed("a server under measurement closed the connection")
                self._filled += received

    def _received_into(self, view: memoryview) -> int:
        try:
            return self._socket.recv_into(view)
        except TimeoutError:
            raise CommandFailed(f"a server under measurement did not answer for {_TIMEOUT_SECONDS:g} s") from None
