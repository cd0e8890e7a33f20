"""What goes into a page's ``<head>``, before every other script: its flags, and the script that clients start from."""

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
    """Return one ``<script>`` element with the flags of one person; whatever strings they hold are inert in it.

    ``bulk`` is the OFREP bulk body for ``key``, empty where nothing could be evaluated: clients ask the network then.
    ``etag`` is its ETag, quotes included. ``context`` is the JSON of the context that clients will ask with, so without
    what the edge added; where a backend vouches for it, ``signed_context`` is the token that holds the same. ``key`` is
    a client key; any other raises KeyRefused. ``nonce`` is that of the page's Content-Security-Policy. ``base_url``
    says where clients ask; without it they ask the page's own origin.
    """
    attribute = f' nonce="{in_attribute(nonce)}"'.encode() if nonce else b""
    payload = assignment(bulk, etag=etag, context=context, key=key, signed_context=signed_context, base_url=base_url)
    return b"<script%b>%b%b</script>" % (attribute, payload, _SCRIPT)
