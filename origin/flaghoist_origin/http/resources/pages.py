"""Pages of long lists: ``limit`` and ``cursor`` in, ``items`` and ``next`` out."""

from collections.abc import Iterable
from itertools import islice

from starlette.requests import Request

from flaghoist.errors import InputError
from flaghoist_origin.http.operations.pages import Page
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.storage.database.records import Entity

DEFAULT_LIMIT = 100
MOST = 1_000


def read_limit(request: Request) -> int:
    """Return the number of items per page."""
    text = parameter(request, "limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise InputError.at("limit", f"must be a number from 1 to {MOST}")
    return int(text)


def read_switch(request: Request, name: str) -> bool | None:
    """Return a query parameter that is ``true`` or ``false``, None if it is absent."""
    text = parameter(request, name)
    if text not in {None, "true", "false"}:
        raise InputError.at(name, "must be true or false")
    return None if text is None else text == "true"


def page_of(request: Request, sorted_entities: Iterable[Entity]) -> Page[Entity]:
    """Return the page that the request asks for; its cursor is the key of the last entity before it."""
    limit = read_limit(request)
    cursor = parameter(request, "cursor") or ""
    found = list(islice((entity for entity in sorted_entities if entity.key > cursor), limit + 1))
    items = found[:limit]
    return Page(tuple(items), items[-1].key if len(found) > limit else None)
