"""The API's own description."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist_origin.http.openapi.document import document
from flaghoist_origin.http.operations.operation import JSON, Access, ResponseDescription, operation
from flaghoist_origin.http.resources.resource import resource


def openapi_routes() -> list[BaseRoute]:
    """Return the route of the OpenAPI document."""
    return [resource("/api/openapi.json", GET=_get)]


@operation(
    "This document",
    access=Access.OPEN,
    answers={200: ResponseDescription("OpenAPI 3.1.", {JSON: dict})},
)
async def _get(request: Request) -> Response:
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = msgspec.json.encode(document(request.app.routes))
    return Response(state.openapi, headers={"Cache-Control": "no-cache"}, media_type="application/json")
