"""The Worker's entry: one `Default` per request, one service per isolate."""

from workers import Response, WorkerEntrypoint

from flaghoist_edge.runtime.runtime import Runtime

_runtime = Runtime()


class Default(WorkerEntrypoint):  # type: ignore[misc]  # the SDK exists only in the Worker
    """The object that Cloudflare's runtime creates for each request, with its ``ctx`` and ``env``."""

    async def fetch(self, request: object) -> Response:
        """Answer one request."""
        return await _runtime.answer(request, self.env, self.ctx)
