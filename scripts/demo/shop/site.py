"""The shop's server: pages with a nonce for their scripts, their static parts, and a route to change the visitor.

It knows nothing of flags. The Worker in front of it inserts them into its pages.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

PAGES = Path(__file__).parent / "page"
NONCE_BYTES = 16
YEAR_SECONDS = 365 * 86_400
UNIT_COOKIE = "fh_unit"
"""The Worker's cookie; the shop sets it only for visitors who ask to see it as someone else."""

NOBODY = "new"
SHOPPERS = ("ada", "katherine", "margaret")
TITLES: Mapping[str, str] = {
    "front": "Harbour: everything for the boat",
    "checkout": "Checkout at Harbour",
}
CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
ASK_EACH_TIME = {"Cache-Control": "no-cache"}


def create_site(bundles: Mapping[str, bytes], connects: Sequence[str]) -> Starlette:
    """Return the site. ``bundles`` are its generated parts by path; its pages may connect to ``connects``."""

    def page(name: str) -> Route:
        async def show(request: Request) -> Response:
            nonce = secrets.token_urlsafe(NONCE_BYTES)
            headers = {"Content-Security-Policy": policy(nonce, connects), **ASK_EACH_TIME}
            return Response(_written(name, nonce), headers=headers, media_type="text/html")

        return Route("/" if name == "front" else f"/{name}", show)

    parts = {**bundles, **{f"/{name}": (PAGES / name).read_bytes() for name in ("sw.js", "flag.svg")}}
    return Starlette(
        routes=[
            *(page(name) for name in TITLES),
            *(_part(path, content) for path, content in parts.items()),
            Route("/visitor/{name}", _become, methods=["POST"]),
            Route("/healthz", _alive),
        ]
    )


def policy(nonce: str, connects: Sequence[str]) -> str:
    """Return the page's Content-Security-Policy: its own parts, scripts with the nonce, nothing else."""
    rules = {
        "default-src": ("'none'",),
        "script-src": (f"'nonce-{nonce}'",),
        "worker-src": ("'self'",),
        "style-src": ("'self'",),
        "font-src": ("'self'",),
        "img-src": ("'self'",),
        "connect-src": ("'self'", *connects),
        "form-action": ("'self'",),
        "base-uri": ("'none'",),
        "frame-ancestors": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _written(name: str, nonce: str) -> str:
    frame, main = ((PAGES / f"{part}.html").read_text(encoding="utf-8") for part in ("frame", name))
    return frame.replace("{title}", TITLES[name]).replace("{nonce}", nonce).replace("{main}", main)


def _part(path: str, content: bytes) -> Route:
    media_type = CONTENT_TYPES[Path(path).suffix]

    async def show(request: Request) -> Response:
        return Response(content, headers=ASK_EACH_TIME, media_type=media_type)

    return Route(path, show)


async def _become(request: Request) -> Response:
    """Let a visitor become one of the demo's shoppers, or a new visitor."""
    name = request.path_params["name"]
    if name not in (*SHOPPERS, NOBODY):
        return PlainTextResponse(f"there is no such visitor: choose one of {', '.join(SHOPPERS)}", 404)
    answer = RedirectResponse("/", 303)
    if name == NOBODY:
        answer.delete_cookie(UNIT_COOKIE, httponly=True, samesite="lax")
    else:
        answer.set_cookie(UNIT_COOKIE, name, max_age=YEAR_SECONDS, httponly=True, samesite="lax")
    return answer


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n")
