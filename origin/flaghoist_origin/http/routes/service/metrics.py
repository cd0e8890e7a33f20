"""Metrics for Prometheus: open to everybody who reaches this port unless a token is set; they contain no secrets."""

from hmac import compare_digest

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.errors import KeyRefused
from flaghoist.protocol.keys import sent_key
from flaghoist_origin.http.operations.operation import Access, ResponseDescription, operation
from flaghoist_origin.http.resources.resource import resource
from flaghoist_origin.services.scrape import exposition
from flaghoist_origin.services.services import services_of

REFUSED = "send FLAGHOIST_METRICS_TOKEN as `Authorization: Bearer …`"


def metrics_routes() -> list[BaseRoute]:
    """Return the route of metrics."""
    return [resource("/metrics", GET=_metrics)]


@operation(
    "Metrics for Prometheus",
    access=Access.METRICS,
    answers={200: ResponseDescription("Text format 0.0.4.", {"text/plain": bytes})},
)
async def _metrics(request: Request) -> Response:
    services = services_of(request)
    token = services.settings.metrics_token
    if token and not compare_digest(sent_key(request.headers).encode(), token.encode()):
        raise KeyRefused(REFUSED)
    headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
    return Response(await exposition(services), headers=headers)
