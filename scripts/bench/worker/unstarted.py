"""The product, imported at the first request that it is to answer: what comes before is the interpreter's own start."""

import importlib
from typing import Any

import js
from workers import WorkerEntrypoint


class _Answer:
    """What the host takes for the SDK's response."""

    def __init__(self, js_object: Any) -> None:
        self.js_object = js_object


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK is there in the Worker alone
    """The Worker."""

    async def fetch(self, request: Any) -> Any:
        """Answer a request for health by itself, every other one by the product."""
        if request.url.endswith("/healthz"):
            return _Answer(js.Response.new("ok"))
        product = importlib.import_module("entry").Default
        return await product(self.ctx, self.env).fetch(request)
