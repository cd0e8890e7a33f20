"""Ports of this machine: check one, or find a free one."""

import socket

from flaghoist_cli.terminal.failure import CommandFailed

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def claim(port: int, option: str) -> int:
    """Return the port, a free one for 0; raise CommandFailed naming ``option`` if it is in use."""
    if port == 0:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            return int(probe.getsockname()[1])
    if not is_free(port):
        raise CommandFailed(
            f"port {port} is in use: stop the program that uses it, or choose another one"
            f" with {option} (0 takes a free one)"
        )
    return port
