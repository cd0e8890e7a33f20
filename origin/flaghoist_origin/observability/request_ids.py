"""The id of a request in answers, logs and traces: the caller's if it is well formed, else a new one."""

import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from itertools import count

HEADER = "X-Request-Id"
PROCESS_BYTES = 8
_HEADER = b"x-request-id"
_TRACE_HEADER = b"traceparent"
_ID = re.compile(rb"[0-9A-Za-z._:-]{1,128}")
_TRACE = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_NUMBERS = count(1)
_CURRENT: ContextVar[str] = ContextVar("flaghoist_request_id", default="")


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the id in ``headers`` (names in lower case): ``X-Request-Id``, else the trace of ``traceparent``."""
    sent = dict(headers)
    own, trace = sent.get(_HEADER), sent.get(_TRACE_HEADER)
    if own is not None and _ID.fullmatch(own):
        return own.decode("ascii")
    found = _TRACE.fullmatch(trace) if trace is not None else None
    return found[1].decode("ascii") if found else new_id()


def new_id() -> str:
    """Return a unique id: a random prefix per process and a counter, which is cheap."""
    return f"{_process()}{next(_NUMBERS):08x}"


@cache
def _process() -> str:
    return secrets.token_hex(PROCESS_BYTES)


def current() -> str:
    """Return the id of the request that this task answers, an empty string outside requests."""
    return _CURRENT.get()


def enter(text: str) -> None:
    """Set the id of the request that this task answers from now on."""
    _CURRENT.set(text)
