"""The product, and beside it GET /bench/memory: how many bytes of WebAssembly memory the interpreter has."""

import importlib
from typing import Any

import js
from workers import WorkerEntrypoint


class _Answer:
    """What the host takes for the SDK's response."""

    def __init__(self, js_object: Any) -> None:
        self.js_object = js_object


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK is there in the Worker alone
    """The Worker; it imports the product at the first request that is not about memory or health."""

    async def fetch(self, request: Any) -> Any:
        """Answer one request."""
        if request.url.endswith(("/bench/memory", "/healthz")):
            return _Answer(js.Response.new(str(importlib.import_module("pyodide_js")._module.HEAPU8.length)))
        product = importlib.import_module("entry").Default
        return await product(self.ctx, self.env).fetch(request)
