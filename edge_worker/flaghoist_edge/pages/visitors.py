"""Identify the visitor of a page from the request's cookies."""

import re

import msgspec

from flaghoist.limits import SIGNED_CONTEXT_BYTES
from flaghoist_edge.pages.units import UNIT_BYTES, new_unit, read_unit, set_cookie, values_of, with_unit
from flaghoist_edge.ports.platform import Entropy
from flaghoist_edge.ports.settings import Site

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class Visitor(msgspec.Struct, frozen=True):
    """``unit`` is empty if the site uses none; ``token`` is the signed context that the browser keeps, or empty.

    For a new unit, ``cookies`` are those for the site with the unit added, and ``cookie`` makes the browser keep it.
    """

    unit: str = ""
    token: str = ""
    cookies: str = ""
    cookie: str = ""


def recognise(site: Site, cookies: str, entropy: Entropy, *, is_https: bool) -> Visitor:
    """Return the visitor who sent a ``Cookie`` header; a browser without a unit gets a random one."""
    token = _token_in(cookies, site.context_cookie) if site.context_cookie else ""
    if not site.cookie:
        return Visitor(token=token)
    unit = read_unit(cookies, site.cookie)
    if unit:
        return Visitor(unit, token)
    unit = new_unit(entropy.random_bytes(UNIT_BYTES))
    cookie = set_cookie(site.cookie, unit, is_https=is_https)
    return Visitor(unit, token, with_unit(cookies, site.cookie, unit), cookie)


def _token_in(cookies: str, name: str) -> str:
    """Return the first value under the name that may be a token; verification decides whether it is one."""
    values = (value for value in values_of(cookies, name) if len(value) <= SIGNED_CONTEXT_BYTES.value)
    return next((value for value in values if _TOKEN.fullmatch(value)), "")
