"""The page script as a file of its own. It is the same for everybody, so any cache may store it."""

from collections.abc import Mapping
from hashlib import sha256

from flaghoist.answers.etags import is_listed
from flaghoist.errors import MethodNotAllowed
from flaghoist.hydration.script import SCRIPT
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.requests import Request, Response

SCRIPT_PATH = "/v1/bootstrap.js"
SCRIPT_TYPE = "application/javascript; charset=utf-8"

_METHODS = ("GET", "HEAD")
_BODY = SCRIPT.encode()
_ETAG = f'"{sha256(_BODY).hexdigest()[:32]}"'
_HEADERS: Mapping[str, str] = {
    "Content-Type": SCRIPT_TYPE,
    "Cache-Control": "public, max-age=300",
    "ETag": _ETAG,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    **CORS_HEADERS,
}


def page_script(request: Request) -> Response:
    """Return the script, or 304 if the caller has it; it needs no key and contains no flags."""
    if request.method not in _METHODS:
        raise MethodNotAllowed(f"{SCRIPT_PATH} takes GET, not {request.method[:20]}")
    if is_listed(_ETAG, request.headers.get("if-none-match", "")):
        return Response(304, dict(_HEADERS))
    return Response(200, dict(_HEADERS), _BODY)
