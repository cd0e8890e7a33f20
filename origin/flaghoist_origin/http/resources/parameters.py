"""Query parameters, each given once at most."""

from starlette.requests import Request

from flaghoist.errors import InputError

# PostgreSQL rejects this character in text, SQLite accepts it: reject it for both.
NUL = "\0"


def parameter(request: Request, name: str) -> str | None:
    """Return a query parameter that may be given once and contains only characters that databases can compare."""
    given = request.query_params.getlist(name)
    if len(given) > 1:
        raise InputError.at(name, f"the query gives {name} more than once: give it once")
    if given and NUL in given[0]:
        raise InputError.at(name, "must not hold the character U+0000")
    return given[0] if given else None
