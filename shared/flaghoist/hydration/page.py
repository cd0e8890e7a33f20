"""The HTML for a page's ``<head>``, before every other script: the page's flags and the page script."""

from flaghoist.hydration.escapes import in_attribute
from flaghoist.hydration.payload import assignment
from flaghoist.hydration.script import SCRIPT

_SCRIPT = SCRIPT.encode()


def head_html(
    bulk: bytes,
    *,
    etag: str,
    context: bytes,
    key: str,
    nonce: str = "",
    signed_context: str = "",
    base_url: str = "",
) -> bytes:
    """Return one ``<script>`` element with one visitor's flags; all strings in it are escaped.

    ``bulk`` is the OFREP bulk body for ``key``, empty if nothing could be evaluated: clients then request the flags.
    ``etag`` is its ETag, quotes included. ``context`` is the JSON of the context that clients will send, so without the
    edge's attributes; ``signed_context`` is the token with the same context if a backend signs it. ``key`` is a client
    key; any other raises KeyRefused. ``nonce`` is that of the page's Content-Security-Policy. ``base_url`` is where
    clients send requests; without it they use the page's own origin.
    """
    attribute = f' nonce="{in_attribute(nonce)}"'.encode() if nonce else b""
    payload = assignment(bulk, etag=etag, context=context, key=key, signed_context=signed_context, base_url=base_url)
    return b"<script%b>%b%b</script>" % (attribute, payload, _SCRIPT)
