"""A Worker whose path says what it does: answer, read KV, fail, or work on after the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from workers import Response, WorkerEntrypoint

READ_SECONDS = 0.2


class Default(WorkerEntrypoint):  # type: ignore[misc]
    """One method per path."""

    async def fetch(self, request: Any) -> Any:
        """Answer with the text that the path's method returns."""
        path = urlsplit(request.url).path
        return Response(await ROUTES.get(path, Default.variables)(self, request))

    async def variables(self, _request: Any) -> str:
        """Return a variable and the secret."""
        return f"{self.env.GREETING} {self.env.FLAGHOIST_SECRET}"

    async def stored(self, _request: Any) -> str:
        """Return the value of a key, read through the binding within a deadline."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                value = await self.env.FLAGS.get("greeting", type="arrayBuffer")
        except TimeoutError:
            return "timed out"
        except Exception as error:
            return f"failed: {error}"
        return "absent" if value is None else bytes(value).decode()

    async def country(self, request: Any) -> str:
        """Return where the visitor is said to be."""
        return str(request.js_object.cf.country)

    async def fail_at_once(self, _request: Any) -> str:
        """Fail before anything is awaited."""
        raise RuntimeError("failed at once")

    async def fail_later(self, _request: Any) -> str:
        """Fail after an await."""
        await asyncio.sleep(0.001)
        raise RuntimeError("failed later")

    async def work_on(self, _request: Any) -> str:
        """Answer first, then print, then fail."""
        self.ctx.waitUntil(_work())
        return "answered"

    async def yield_often(self, _request: Any) -> str:
        """Give way more often than callbacks may run in a row."""
        for _ in range(200):
            await asyncio.sleep(0)
        return "done"


async def _work() -> None:
    await asyncio.sleep(0.01)
    print("worked on")  # noqa: T201
    raise RuntimeError("failed in the background")


ROUTES: dict[str, Callable[[Default, Any], Awaitable[str]]] = {
    "/stored": Default.stored,
    "/country": Default.country,
    "/fail-at-once": Default.fail_at_once,
    "/fail-later": Default.fail_later,
    "/work-on": Default.work_on,
    "/yield-often": Default.yield_often,
}
