"""Cross-origin access: any page may send requests, because the key decides the answer and no cookie is read."""

from collections.abc import Mapping

from flaghoist.protocol.freshness import STATE_HEADERS, TIMING_HEADER
from flaghoist.protocol.paths import allowed_methods, is_served, nothing_at
from flaghoist.protocol.requests import Request, Response

_EXPOSED = ("ETag", "Retry-After", TIMING_HEADER, *STATE_HEADERS)
_A_DAY_SECONDS = 86_400

CORS_HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
    "Timing-Allow-Origin": "*",
}

_PREFLIGHT_HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Authorization, X-API-Key, If-None-Match, Flaghoist-Context",
    "Access-Control-Max-Age": str(_A_DAY_SECONDS),
}


def preflight(request: Request) -> Response:
    """Answer an OPTIONS request to a path that is served; raise NotFound for any other.

    Pages may send any method that some path takes; ``Allow`` lists the methods of this path.
    """
    if not is_served(request.path):
        raise nothing_at(request.path)
    return Response(204, {**_PREFLIGHT_HEADERS, "Allow": allowed_methods(request.path)})
