"""The floor in Python: reads and parses the body and answers a constant of SIZE bytes, with few border crossings."""

import json
from typing import Any

import js
from pyodide.ffi import to_js
from workers import WorkerEntrypoint

_PREFIX, _SUFFIX = b'{"flags":"', b'"}'
_INIT = '{"headers": {"content-type": "application/json"}}'


class _Answer:
    """The host's form of the SDK's response, without the SDK's checks."""

    def __init__(self, js_object: Any) -> None:
        self.js_object = js_object


class _Constant:
    """The body and its headers, made at the first request."""

    body = b""
    init: Any = None

    def prepare(self, size: int) -> None:
        self.body = _PREFIX + b"x" * max(0, size - len(_PREFIX) - len(_SUFFIX)) + _SUFFIX
        self.init = js.JSON.parse(_INIT)


_constant = _Constant()


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK exists only in the Worker
    """The Worker."""

    async def fetch(self, request: Any) -> _Answer:
        """Answer one request."""
        json.loads((await request.js_object.arrayBuffer()).to_bytes() or b"null")
        if not _constant.body:
            _constant.prepare(int(self.env.SIZE))
        return _Answer(js.Response.new(to_js(_constant.body), _constant.init))
