"""A line between a browser and a server, which a test cuts and mends: connections end, and new ones are refused."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

HOST = "127.0.0.1"
CHUNK = 65_536


class Line:
    """Passes bytes to and from the server at ``url``; make it with `a_line`."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._target = (address.hostname or HOST, address.port or 80)
        self._port = 0
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self.mend()

    @property
    def url(self) -> str:
        """The base URL at this end, the same before and after a cut."""
        return f"http://{HOST}:{self._port}"

    def mend(self) -> None:
        """Let connections pass."""
        self._listener = socket.create_server((HOST, self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        if self._listener is not None:
            # A thread that waits in accept() keeps the socket open until it is woken.
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for end in tuple(self._open):
            _close(end)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = socket.create_connection(self._target)
                self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                sink.sendall(data)
        for end in (source, sink):
            _close(end)
            self._open.discard(end)


@contextmanager
def a_line(url: str) -> Iterator[Line]:
    """Yield a line to the server at ``url``; cut it at the end."""
    line = Line(url)
    try:
        yield line
    finally:
        line.cut()


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
