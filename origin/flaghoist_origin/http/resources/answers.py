"""Answers about environments: as JSON, marked with the version they belong to, and 304 to who holds them already."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from flaghoist.model.flags import SnapshotVersion
from flaghoist.protocol.freshness import VERSION_HEADER
from flaghoist_origin.control.preconditions import Preconditions, read_conditions

NOT_STORED = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}


def conditions_of(request: Request) -> Preconditions:
    """Return the request's ``If-Match`` and ``If-None-Match``."""
    headers = request.headers
    return read_conditions(headers.getlist("if-match"), headers.getlist("if-none-match"))


def answer(
    body: Any,
    version: SnapshotVersion,
    *,
    etag: str = "",
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return ``body`` as JSON, marked with the snapshot version that it belongs to."""
    sent = {**NOT_STORED, VERSION_HEADER: str(version), **({"ETag": etag} if etag else {}), **(headers or {})}
    return Response(msgspec.json.encode(body), status, headers=sent, media_type="application/json")


def answer_read(request: Request, body: Callable[[], Any], version: SnapshotVersion, etag: str) -> Response:
    """Return the result of ``body``, or 304 if the caller has ``etag`` already."""
    if conditions_of(request).is_unchanged(etag):
        headers = {**NOT_STORED, VERSION_HEADER: str(version), "ETag": etag}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return answer(body(), version, etag=etag)
