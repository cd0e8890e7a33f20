"""What a request for the site asks for, and how it is forwarded."""

import re
from collections.abc import Iterator, Mapping

from flaghoist.protocol.requests import Request
from flaghoist_edge.ports.platform import ForwardedRequest

VIA = "1.1 flaghoist"
"""Our entry in ``Via``, to recognise our own requests when they come back."""

_HOP_BY_HOP = (
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
)
_CLAIMS = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"),
    *("flaghoist-edge-attributes", "flaghoist-edge-token"),
)
"""Headers that only a proxy may set: from a visitor they cannot be trusted."""

_CONDITIONS = ("if-modified-since", "if-none-match", "if-range", "range")
"""Headers that would give less than a whole page, or a 304 for a page with older flags."""

_METHODS_OF_PAGES = ("GET", "HEAD", "POST")
_ADDRESS_HEADER = "cf-connecting-ip"
_NAME = re.compile(r"[a-z0-9-]+")
_OURS = re.compile(r"\bflaghoist\b")


def is_upgrade(request: Request) -> bool:
    """Return whether the request opens a WebSocket."""
    return request.headers.get("upgrade", "").lower() == "websocket"


def may_be_page(request: Request) -> bool:
    """Return whether a page may be requested.

    Browsers mark navigations, including forms. Without a mark, ``Accept`` decides; a script that wants a page with its
    flags asks for ``text/html``.
    """
    if request.method not in _METHODS_OF_PAGES or is_upgrade(request):
        return False
    accepted, mode = request.headers.get("accept", "*/*"), request.headers.get("sec-fetch-mode", "")
    says_nothing = not mode and accepted == "*/*" and request.method != "POST"
    return mode == "navigate" or "text/html" in accepted or says_nothing


def is_ahead_of_time(request: Request) -> bool:
    """Return whether a browser requests a page that its visitor may never see."""
    return "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", ""))


def is_ours(request: Request) -> bool:
    """Return whether the request has passed through this Worker already."""
    return _OURS.search(request.headers.get("via", "")) is not None


def forwarded_request(
    site_url: str, request: Request, own_url: str, *, asks_page: bool, cookies: str = ""
) -> ForwardedRequest:
    """Return where and how the request is forwarded.

    ``own_url`` is scheme and host of the visitor's URL. ``cookies`` replace those of the request if given. A page is
    requested whole and uncompressed, so that HTML can be inserted.
    """
    headers = request.headers
    scheme, _, host = own_url.partition("://")
    replaced = {"x-forwarded-host": host, "x-forwarded-proto": scheme}
    if _ADDRESS_HEADER in headers:
        replaced["x-forwarded-for"] = headers[_ADDRESS_HEADER]
    if asks_page:
        replaced["accept-encoding"] = "identity"
    if cookies:
        replaced["cookie"] = cookies
    of_connection = () if is_upgrade(request) else (*_HOP_BY_HOP, *_named_in_connection(headers))
    removed = (*of_connection, "host", *_CLAIMS, *(_CONDITIONS if asks_page else ()))
    target = f"{request.path}?{request.query}" if request.query else request.path
    return ForwardedRequest(site_url + target, removed, replaced, (("via", VIA),))


def _named_in_connection(headers: Mapping[str, str]) -> Iterator[str]:
    """Return the headers that concern only the visitor's own connection, if they are valid header names."""
    named = (name.strip().lower() for name in headers.get("connection", "").split(","))
    return (name for name in named if _NAME.fullmatch(name))
