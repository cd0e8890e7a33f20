"""The id under which a request is found in answers, logs and traces: the caller's if well formed, else a new one."""

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar

HEADER = "X-Request-Id"
BYTES = 12
_HEADER = b"x-request-id"
_TRACE_HEADER = b"traceparent"
_ID = re.compile(rb"[0-9A-Za-z._:-]{1,128}")
_TRACE = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_CURRENT: ContextVar[str] = ContextVar("flaghoist_request_id", default="")


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the id in ``headers`` (names in lower case): ``X-Request-Id``, else the trace of ``traceparent``."""
    trace = b""
    for name, value in headers:
        if name == _HEADER and _ID.fullmatch(value):
            return value.decode("ascii")
        if name == _TRACE_HEADER and (found := _TRACE.fullmatch(value)):
            trace = found[1]
    return trace.decode("ascii") or secrets.token_hex(BYTES)


def current() -> str:
    """Return the id of the request that this task answers, an empty string outside requests."""
    return _CURRENT.get()


def enter(text: str) -> None:
    """Make ``text`` the id of the request that this task answers from now on."""
    _CURRENT.set(text)
