"""The flags of a page: what a client with its key and its visitor's context would receive, if available in time."""

import asyncio
import logging

import msgspec

from flaghoist.errors import FlaghoistError
from flaghoist.model.context import Context, without_edge
from flaghoist.model.context_checks import check_context
from flaghoist.protocol.contexts import SIGNED_HEADER
from flaghoist.protocol.paths import path_of
from flaghoist.protocol.requests import Request, Response
from flaghoist.signed.token import read_object, read_token
from flaghoist_edge.evaluation.edge_attributes import EdgeAttributes
from flaghoist_edge.evaluation.evaluation import Evaluator
from flaghoist_edge.pages.visitors import Visitor
from flaghoist_edge.ports.platform import Background, EdgeClock, IncomingRequest
from flaghoist_edge.ports.timing import PAGE_PATIENCE_MS

_TOKEN_HEADER = SIGNED_HEADER.lower()
_OK = 200

_log = logging.getLogger(__name__)


class Evaluated(msgspec.Struct, frozen=True):
    """The bulk answer for a context, None if there is none; ``token`` is the signed context, or empty."""

    reply: Response | None
    context: Context
    token: str = ""


class PageEvaluator:
    """Evaluates with the page key of the site; one per isolate."""

    def __init__(self, key: str, evaluator: Evaluator, clock: EdgeClock) -> None:
        self._key = key
        self._evaluator = evaluator
        self._clock = clock

    async def evaluate(self, visitor: Visitor, incoming: IncomingRequest, background: Background) -> Evaluated:
        """Return the flags of a visitor: by the signed context if there is a valid one, else by the unit.

        Errors are not raised: they are logged, and there is no answer.
        """
        until_ms = self._clock.now_ms() + PAGE_PATIENCE_MS
        if visitor.token:
            reply = await self._ask({}, visitor.token, until_ms, incoming, background)
            if reply is not None:
                return Evaluated(reply, _claimed(visitor.token), visitor.token)
        context: Context = {"targetingKey": visitor.unit} if visitor.unit else {}
        return Evaluated(await self._ask(context, "", until_ms, incoming, background), context)

    async def _ask(
        self, context: Context, token: str, until_ms: int, incoming: IncomingRequest, background: Background
    ) -> Response | None:
        vouched = {_TOKEN_HEADER: token} if token else {}
        headers = {"x-api-key": self._key, "content-type": "application/json", **vouched}
        call = Request("POST", path_of("bulk"), "", headers, msgspec.json.encode({"context": context}))
        task = asyncio.create_task(self._evaluator.evaluate(call, EdgeAttributes(incoming.cf), background))
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
