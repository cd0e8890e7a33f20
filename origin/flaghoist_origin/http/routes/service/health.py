"""Health: whether the process runs, and separately whether its answers are reliable."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist_origin.http.operations.operation import JSON, Access, ResponseDescription, operation
from flaghoist_origin.http.resources.resource import resource
from flaghoist_origin.services.readiness import Readiness, examine
from flaghoist_origin.services.services import services_of

NOT_STORED = {"Cache-Control": "no-store"}


def health_routes() -> list[BaseRoute]:
    """Return the routes of health."""
    return [resource("/healthz", GET=_live), resource("/readyz", GET=_ready)]


@operation(
    "Whether the process lives",
    access=Access.OPEN,
    answers={200: ResponseDescription("It does.", {JSON: dict[str, str]})},
)
async def _live(_: Request) -> Response:
    return Response(b'{"status":"ok"}', headers=NOT_STORED, media_type="application/json")


@operation(
    "Whether answers may be relied on, and why not",
    access=Access.OPEN,
    answers={
        200: ResponseDescription("They may.", {JSON: Readiness}),
        503: ResponseDescription("They may not.", {JSON: Readiness}),
    },
)
async def _ready(request: Request) -> Response:
    readiness = await examine(services_of(request))
    status = 200 if readiness.ready else 503
    return Response(msgspec.json.encode(readiness), status, headers=NOT_STORED, media_type="application/json")
