"""Errors as RFC 9457 problem bodies; an unexpected error becomes an opaque 500, and its traceback goes to the log."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from flaghoist.errors import FlaghoistError, MethodNotAllowed, NotFound, Unavailable
from flaghoist.protocol.problems import problem as problem_body
from flaghoist.protocol.problems import report
from flaghoist_origin.observability import request_ids
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.observability.requests import method_of, route_template

LOG = logging.getLogger("flaghoist.origin")
MEDIA_TYPE = "application/problem+json"
API = "/api/"
REQUEST = "urn:flaghoist:request:"
UNEXPECTED = "an unexpected error: its details are in the origin's log"
UNKNOWN_PATH = "no such path: the API lies under /api/v1/environments/{environment}"


class UnsupportedMediaType(FlaghoistError):
    """The path does not accept a body of this type."""

    status = 415
    slug: ClassVar[str] = "unsupported-media-type"
    title: ClassVar[str] = "The body's media type is not supported"


def problem(error: FlaghoistError, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the body that reports an error at ``path``; edge and origin report shared routes alike."""
    if not path.startswith(API):
        reply = report(error, path)
        return Response(reply.body, reply.status, headers={**reply.headers, **(headers or {})})
    sent = {**_headers(error), **(headers or {})}
    body = {**problem_body(error), **_instance()}
    return Response(msgspec.json.encode(body), error.status, headers=sent, media_type=MEDIA_TYPE)


def _instance() -> dict[str, str]:
    """Return the member that identifies this request, as the log does."""
    request_id = request_ids.current()
    return {"instance": REQUEST + request_id} if request_id else {}


def _headers(error: FlaghoistError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return headers


async def _foreseen(request: Request, error: Exception) -> Response:
    assert isinstance(error, FlaghoistError)
    if isinstance(error, Unavailable):
        _outages(request).away(error)
    elif error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.error("%s", error, exc_info=error)
    return problem(error, request.url.path)


def _outages(request: Request) -> Outages:
    outages: Outages = request.app.state.outages
    return outages


async def _routing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return problem(MethodNotAllowed(f"{request.method} is not one of {allowed}"), path, error.headers)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(NotFound(UNKNOWN_PATH), path)
    unnamed = FlaghoistError(error.detail)
    unnamed.status = error.status_code
    return problem(unnamed, path, error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=HTTPStatus.BAD_REQUEST)  # the client is gone


HANDLERS: Mapping[type[Exception], ExceptionHandler] = {
    FlaghoistError: _foreseen,
    HTTPException: _routing,
    ClientDisconnect: _gone,
}


class LastResort:
    """The outermost layer: answers for exceptions without a handler, and tells the caller nothing about them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; an exception before the answer has begun becomes a problem body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            LOG.exception("%s %s failed", method_of(scope), route_template(scope))
            if has_begun:
                raise
            await problem(FlaghoistError(UNEXPECTED), scope["path"])(scope, receive, send)
