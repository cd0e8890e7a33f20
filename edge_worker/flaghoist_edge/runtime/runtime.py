"""Create the service when the first request brings variables and bindings, and pass every request to it."""

import sys
from typing import Any

from workers import Response

from flaghoist.errors import FlaghoistError
from flaghoist.protocol.problems import refuse
from flaghoist_edge.pages.passages import Passage
from flaghoist_edge.ports.platform import Platform
from flaghoist_edge.ports.settings import VARIABLES, read_settings
from flaghoist_edge.runtime.outside import Crypto, Fetch, JsClock, Namespace, WaitUntil
from flaghoist_edge.runtime.requests import JsRequest, RequestReader
from flaghoist_edge.runtime.responses import ResponseMaker
from flaghoist_edge.runtime.signatures import WebCrypto
from flaghoist_edge.service.service import Service


class Runtime:
    """One per isolate; JavaScript objects are looked up at the first request, not when memory is snapshotted."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._responses: ResponseMaker | None = None
        self._requests: RequestReader | None = None

    async def answer(self, request: Any, env: Any, ctx: Any) -> Response:
        """Answer one request of the `workers` SDK."""
        if self._responses is None or self._requests is None:
            self._responses, self._requests = ResponseMaker(), RequestReader()
        try:
            service = self._service or self._start(env)
        except FlaghoistError as error:
            return self._responses.make(refuse(error, None))
        incoming = JsRequest(getattr(request, "js_object", request), self._requests)
        reply = await service.respond(incoming, WaitUntil(ctx))
        return await self._responses.make_from(reply) if type(reply) is Passage else self._responses.make(reply)

    def _start(self, env: Any) -> Service:
        variables = {name: str(getattr(env, name)) for name in VARIABLES if hasattr(env, name)}
        python = ".".join(str(part) for part in sys.version_info[:3])
        surroundings = Platform(
            kv=Namespace(env.FLAGS), web=Fetch(), clock=JsClock(), entropy=Crypto(), signatures=WebCrypto()
        )
        self._service = Service(read_settings(variables), surroundings, python)
        return self._service
