"""The unit of a visitor, stored in a cookie: a random name for a browser without one."""

import re
from base64 import urlsafe_b64encode

from flaghoist.limits import COOKIE_UNIT_CHARACTERS

UNIT_BYTES = 16
"""128 bits: a unit cannot be hit by chance or by guessing."""

_A_YEAR_SECONDS = 31_536_000
_UNIT = re.compile(rf"[A-Za-z0-9._~-]{{1,{COOKIE_UNIT_CHARACTERS.value}}}")


def read_unit(cookies: str, name: str) -> str:
    """Return the first valid unit under the name in a ``Cookie`` header, empty if there is none.

    A unit consists of characters that need no escaping in URLs, JSON and HTML, and of at most
    ``COOKIE_UNIT_CHARACTERS``.
    """
    return next((value for value in values_of(cookies, name) if _UNIT.fullmatch(value)), "")


def values_of(cookies: str, name: str) -> list[str]:
    """Return every value under the name in a ``Cookie`` header."""
    return [value for found, value in _pairs(cookies) if found == name]


def with_unit(cookies: str, name: str, unit: str) -> str:
    """Return the ``Cookie`` header with this unit as the only value under the name."""
    others = [f"{found}={value}" for found, value in _pairs(cookies) if found != name]
    return "; ".join((*others, f"{name}={unit}"))


def new_unit(random: bytes) -> str:
    """Return a unit made of `UNIT_BYTES` random bytes."""
    return urlsafe_b64encode(random).decode().rstrip("=")


def set_cookie(name: str, unit: str, *, is_https: bool) -> str:
    """Return the ``Set-Cookie`` that makes the browser keep the unit for a year, hidden from scripts."""
    secure = "; Secure" if is_https else ""
    return f"{name}={unit}; Path=/; Max-Age={_A_YEAR_SECONDS}; SameSite=Lax; HttpOnly{secure}"


def _pairs(cookies: str) -> list[tuple[str, str]]:
    parts = (part.strip().partition("=") for part in cookies.split(";") if part.strip())
    return [(name, value) for name, _, value in parts]
