"""The product, imported at the first evaluation request: the time before is the interpreter's own start."""

import importlib
from typing import Any

import js
from workers import WorkerEntrypoint


class _Answer:
    """The host's form of the SDK's response."""

    def __init__(self, js_object: Any) -> None:
        self.js_object = js_object


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK exists only in the Worker
    """The Worker."""

    async def fetch(self, request: Any) -> Any:
        """Answer health requests without the product, all others with it."""
        if request.url.endswith("/healthz"):
            return _Answer(js.Response.new("ok"))
        product = importlib.import_module("entry").Default
        return await product(self.ctx, self.env).fetch(request)
