"""What is put into a page: its flags with the script that reads them, and headers that say where they stand."""

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

    Without an answer, its script asks the network itself. Where the page's encoding is another than UTF-8, or not
    known, the HTML is ASCII, which reads the same in all.
    """
    html = head_html(
        evaluated.reply.body if evaluated.reply else b"",
        etag=_lower(evaluated.reply).get("etag", ""),
        context=msgspec.json.encode(evaluated.context),
        key=key,
        nonce=nonce,
        signed_context=evaluated.token,
    )
    return html if charset.lower() in ("utf-8", "utf8") or html.isascii() else _in_ascii(html)


def state_of(evaluated: Evaluated) -> dict[str, str]:
    """Return the headers that say where the flags of a page stand."""
    if evaluated.reply is None:
        return freshness_headers(NO_VERSION, Freshness(DEFAULTS))
    named = _lower(evaluated.reply)
    return {name: named[name.lower()] for name in STATE_HEADERS if name.lower() in named}


def _lower(reply: Response | None) -> Mapping[str, str]:
    """Return the headers by lower-case name: those of an origin come so, our own do not."""
    return {name.lower(): value for name, value in reply.headers.items()} if reply else {}


def _in_ascii(html: bytes) -> bytes:
    """Escape as JavaScript's strings do: in nothing else does the HTML hold what is not ASCII."""
    return _BEYOND_ASCII.sub(_escaped, html.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    digits = found[0].encode("utf-16-be").hex()
    return "".join(rf"\u{digits[at : at + _HEX_DIGITS]}" for at in range(0, len(digits), _HEX_DIGITS))
