"""The payload of a page: its flags, and everything that a client needs to continue from them."""

import msgspec

from flaghoist.errors import KeyRefused
from flaghoist.hydration.escapes import in_script
from flaghoist.protocol.keys import names_client_key

SCRIPT_GLOBAL = "__FLAGHOIST__"
"""The property of ``globalThis`` that holds the payload."""


ASSIGNMENT_START = b"globalThis.%b=JSON.parse('" % SCRIPT_GLOBAL.encode()
ASSIGNMENT_END = b"');"
"""The statement that sets the payload: between both is its JSON, escaped by `escapes.in_script`."""

_NOTHING = b"null"
_NO_CONTEXT = b"{}"
_encode = msgspec.json.encode


def assignment(
    bulk: bytes, *, etag: str, context: bytes, key: str, signed_context: str = "", base_url: str = ""
) -> bytes:
    """Return the statement that sets the payload inside a ``<script>``; see `flaghoist.hydration.page.head_html`.

    The payload is parsed from a string: in an object literal a member named ``__proto__`` would be lost.
    """
    if key and not names_client_key(key):
        raise KeyRefused("only a client key may stand in a page: give the page one of kind client")
    members = payload_members(
        bulk, etag=etag, context=context, key=key, signed_context=signed_context, base_url=base_url
    )
    return b"%b%b%b" % (ASSIGNMENT_START, in_script(b"{%b}" % members), ASSIGNMENT_END)


def payload_members(
    bulk: bytes, *, etag: str, context: bytes, key: str, signed_context: str = "", base_url: str = ""
) -> bytes:
    """Return the JSON members from which OFREP clients start, without braces; see `page.head_html`."""
    signed = b',"signedContext":%b' % _encode(signed_context) if signed_context else b""
    base = b',"baseUrl":%b' % _encode(base_url) if base_url else b""
    values = (bulk or _NOTHING, _encode(etag), context or _NO_CONTEXT, _encode(key), signed, base)
    return b'"ofrep":%b,"etag":%b,"context":%b,"key":%b%b%b' % values
