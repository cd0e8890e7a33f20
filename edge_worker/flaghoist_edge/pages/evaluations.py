"""The flags of a page: what a client with its key and its visitor's context would receive, if available in time."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

import msgspec

from flaghoist.errors import FlaghoistError
from flaghoist.model.context import Context
from flaghoist.model.context_checks import check_context, without_edge
from flaghoist.protocol.evaluation_requests import SIGNED_HEADER
from flaghoist.protocol.paths import path_of
from flaghoist.protocol.requests import Request, Response
from flaghoist.signed.token import read_object, read_token
from flaghoist_edge.pages.visitors import Visitor
from flaghoist_edge.ports.platform import EdgeClock, Exchange
from flaghoist_edge.ports.timing import PAGE_PATIENCE_MS

_TOKEN_HEADER = SIGNED_HEADER.lower()
_OK = 200

_log = logging.getLogger(__name__)


Evaluate = Callable[[Request, Exchange], Coroutine[None, None, Response]]
"""Answers an evaluation request of an exchange; raises a FlaghoistError where there is no answer."""


class Evaluated(msgspec.Struct, frozen=True):
    """The bulk answer for a context, None if there is none; ``token`` is the signed context, or empty."""

    response: Response | None
    context: Context
    token: str = ""


class PageEvaluator:
    """Evaluates with the page key of the site; one per isolate."""

    def __init__(self, *, key: str, evaluate: Evaluate, clock: EdgeClock) -> None:
        self._key = key
        self._evaluate = evaluate
        self._clock = clock

    async def evaluate(self, visitor: Visitor, exchange: Exchange) -> Evaluated:
        """Return the flags of a visitor: by the signed context if there is a valid one, else by the unit.

        Errors are not raised: they are logged, and there is no answer.
        """
        until_ms = self._clock.now_ms() + PAGE_PATIENCE_MS
        if visitor.token:
            response = await self._request_flags({}, visitor.token, until_ms, exchange)
            if response is not None:
                return Evaluated(response, _claimed(visitor.token), visitor.token)
        context: Context = {"targetingKey": visitor.unit} if visitor.unit else {}
        return Evaluated(await self._request_flags(context, "", until_ms, exchange), context)

    async def _request_flags(self, context: Context, token: str, until_ms: int, exchange: Exchange) -> Response | None:
        signed = {_TOKEN_HEADER: token} if token else {}
        headers = {"x-api-key": self._key, "content-type": "application/json", **signed}
        request = Request("POST", path_of("bulk"), "", headers, msgspec.json.encode({"context": context}))
        task = asyncio.create_task(self._evaluate(request, exchange))
        if not await self._clock.wait(task, max(0, until_ms - self._clock.now_ms())):
            task.cancel()
            return None
        error = task.exception()
        if error is not None:
            # An expired token is expected; a revoked key and unexpected errors are logged.
            level = logging.INFO if token and isinstance(error, FlaghoistError) else logging.ERROR
            _log.log(level, "a page is served without flags: %s", error, exc_info=error)
            return None
        return task.result() if task.result().status == _OK else None


def _claimed(token: str) -> Context:
    """Return the context of a verified token."""
    return without_edge(check_context(read_object(read_token(token).payload, "payload")["context"]))
