"""Requests that edges send: they carry a token made of the secret that Worker and origin share."""

from hmac import compare_digest

from starlette.requests import Request

from flaghoist.protocol.edge_origin import TOKEN_HEADER, edge_token
from flaghoist_origin.services.services import services_of


def is_edge(request: Request) -> bool:
    """Return whether the request comes from a Worker with this origin's secret."""
    expected = edge_token(services_of(request).settings.secret.encode())
    return compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), expected.encode())
