"""The paths that edge and origin both serve: what they evaluate, their methods, and the body that each takes."""

from collections.abc import Mapping
from urllib.parse import unquote

from flaghoist.errors import MethodNotAllowed, NotFound
from flaghoist.limits import EVENTS_BYTES, REQUEST_BYTES
from flaghoist.protocol.events import EVENTS_PATH
from flaghoist.protocol.requests import Request, Route

OFREP_PREFIX = "/ofrep/"
_BULK = "/ofrep/v1/evaluate/flags"
_SINGLE_PREFIX = _BULK + "/"
_BOOTSTRAP = "/v1/bootstrap"

METHODS: dict[Route, tuple[str, ...]] = {
    "bulk": ("POST",),
    "single": ("POST",),
    "bootstrap": ("GET", "POST"),
}


OTHER_PATHS: Mapping[str, tuple[str, ...]] = {
    "/healthz": ("GET",),
    "/readyz": ("GET",),
    EVENTS_PATH: ("POST",),
    "/v1/bootstrap.js": ("GET",),
}
"""The methods of paths that both edge and origin serve and that do not evaluate."""


def find_route(path: str) -> Route | None:
    """Return the route of an evaluation path, None for any other path."""
    if path == _BOOTSTRAP:
        return "bootstrap"
    if path == _BULK:
        return "bulk"
    key = path.removeprefix(_SINGLE_PREFIX)
    return "single" if key != path and key and "/" not in key else None


def body_limit(method: str, path: str) -> int:
    """Return how many bytes of a body a request may bring; 0 where none is read."""
    if method != "POST":
        return 0
    if path == EVENTS_PATH:
        return EVENTS_BYTES.value
    return REQUEST_BYTES.value if is_evaluation(path) else 0


def split_url(url: str) -> tuple[str, str]:
    """Return path and query of an absolute URL, percent-encoding kept."""
    without_fragment = url.partition("#")[0]
    target = without_fragment.partition("://")[2]
    before, _, query = target.partition("?")
    _, slash, path = before.partition("/")
    return slash + path or "/", query


def path_of(route: Route) -> str:
    """Return the path of a route, without a flag key."""
    return _BOOTSTRAP if route == "bootstrap" else _BULK


def is_evaluation(path: str) -> bool:
    """Return whether the path is an evaluation path, whatever the method."""
    return find_route(path) is not None


def is_served(path: str) -> bool:
    """Return whether edge and origin serve the path, whatever the method."""
    return path in OTHER_PATHS or is_evaluation(path)


def is_ofrep(path: str) -> bool:
    """Return whether OFREP clients read the errors of this path."""
    return path.startswith(OFREP_PREFIX)


def route_of(request: Request) -> Route:
    """Return the route of a request; raise NotFound or MethodNotAllowed."""
    route = find_route(request.path)
    if route is None:
        raise nothing_at(request.path)
    if request.method not in METHODS[route]:
        raise MethodNotAllowed(f"{request.path[:200]} takes {' and '.join(METHODS[route])}, not {request.method[:20]}")
    return route


def nothing_at(path: str) -> NotFound:
    """Return the NotFound error of a path that is not served."""
    return NotFound(f"nothing is served at {path[:200]}: evaluate at {_BULK}[/key] or {_BOOTSTRAP}")


def allowed_methods(path: str) -> str:
    """Return the value of ``Allow`` for a path; paths that are not listed here are read-only."""
    route = find_route(path)
    methods = METHODS[route] if route else OTHER_PATHS.get(path, ("GET",))
    return ", ".join((*methods, "OPTIONS"))


def flag_key_of(path: str) -> str:
    """Return the flag key in a single-flag path, percent-decoded; it need not be a valid key."""
    return unquote(path.removeprefix(_SINGLE_PREFIX), errors="replace") if path.startswith(_SINGLE_PREFIX) else ""
