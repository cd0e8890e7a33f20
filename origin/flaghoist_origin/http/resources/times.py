"""Points in time from callers: RFC 3339 with an offset, or seconds since the epoch."""

from starlette.requests import Request

from flaghoist.errors import InputError
from flaghoist.text import instants
from flaghoist_origin.http.resources.parameters import parameter

NANOSECONDS_PER_MS = 1_000_000
SECONDS_DIGITS = 12
YEARS_MS = range(-62_167_219_200_000, 253_402_300_800_000)
"""The instants that RFC 3339 can write, years 0 to 9999: no database column overflows within them."""


def instant_ms(value: str | float | None, path: str) -> int | None:
    """Return the instant in milliseconds, None for None; raise InputError naming ``path``."""
    if value is None:
        return None
    instant = instants.parse(value)
    if instant is None:
        raise InputError.at(path, "must be RFC 3339 with an offset (2026-01-31T12:00:00Z) or epoch seconds")
    milliseconds = instant // NANOSECONDS_PER_MS
    if milliseconds not in YEARS_MS:
        raise InputError.at(path, "must lie in the years 0 to 9999")
    return milliseconds


def instant_parameter(request: Request, name: str) -> int | None:
    """Return the instant of a query parameter in milliseconds, None if it is absent; raise InputError."""
    text = parameter(request, name)
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= SECONDS_DIGITS
    return instant_ms(int(text) if text is not None and is_number else text, name)
