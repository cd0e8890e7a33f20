"""What is inserted into a page: its flags with the page script, and headers that state their freshness."""

import re
from collections.abc import Mapping

import msgspec

from flaghoist.hydration.page import head_html
from flaghoist.protocol.freshness import DEFAULTS, NO_VERSION, STATE_HEADERS, freshness_headers
from flaghoist.protocol.requests import Freshness, Response
from flaghoist_edge.pages.evaluations import Evaluated

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_HEX_DIGITS = 4


def head_of(evaluated: Evaluated, *, key: str, nonce: str, charset: str) -> bytes:
    """Return the HTML for the start of a page's head.

    Without an answer, the script requests the flags itself. If the page's encoding is not UTF-8 or not known, the HTML
    is ASCII, which every encoding reads in the same way.
    """
    html = head_html(
        evaluated.response.body if evaluated.response else b"",
        etag=_lower(evaluated.response).get("etag", ""),
        context=msgspec.json.encode(evaluated.context),
        key=key,
        nonce=nonce,
        signed_context=evaluated.token,
    )
    return html if charset.lower() in ("utf-8", "utf8") or html.isascii() else _in_ascii(html)


def state_of(evaluated: Evaluated) -> dict[str, str]:
    """Return the headers that state the freshness of a page's flags."""
    if evaluated.response is None:
        return freshness_headers(str(NO_VERSION), Freshness(DEFAULTS))
    named = _lower(evaluated.response)
    return {name: named[name.lower()] for name in STATE_HEADERS if name.lower() in named}


def _lower(response: Response | None) -> Mapping[str, str]:
    """Return the headers by lower-case name; an origin's headers have it already, our own do not."""
    return {name.lower(): value for name, value in response.headers.items()} if response else {}


def _in_ascii(html: bytes) -> bytes:
    """Escape as in JavaScript strings: only those contain characters beyond ASCII."""
    return _BEYOND_ASCII.sub(_escaped, html.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    digits = found[0].encode("utf-16-be").hex()
    return "".join(rf"\u{digits[at : at + _HEX_DIGITS]}" for at in range(0, len(digits), _HEX_DIGITS))
