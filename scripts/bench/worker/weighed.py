"""The product, plus GET /bench/memory: the size of the interpreter's WebAssembly memory in bytes."""

import importlib
from typing import Any

import js
from workers import WorkerEntrypoint


class _Answer:
    """The host's form of the SDK's response."""

    def __init__(self, js_object: Any) -> None:
        self.js_object = js_object


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK exists only in the Worker
    """The Worker; it imports the product at the first request that is not about memory or health."""

    async def fetch(self, request: Any) -> Any:
        """Answer one request."""
        if request.url.endswith(("/bench/memory", "/healthz")):
            return _Answer(js.Response.new(str(importlib.import_module("pyodide_js")._module.HEAPU8.length)))
        product = importlib.import_module("entry").Default
        return await product(self.ctx, self.env).fetch(request)
