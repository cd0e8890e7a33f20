"""Escape text for an HTML page: inside a script, and as the value of an attribute."""

_SCRIPT_ESCAPES = (
    (b"\\", b"\\\\"),
    (b"'", b"\\'"),
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
    (b"\n", b"\\n"),
    (b"\r", b"\\r"),
)
_ATTRIBUTE_ESCAPES = (("&", "&amp;"), ('"', "&quot;"), ("'", "&#39;"), ("<", "&lt;"), (">", "&gt;"))


def in_script(json: bytes) -> bytes:
    """Return JSON escaped for a single-quoted JavaScript string inside a ``<script>`` element."""
    for plain, escaped in _SCRIPT_ESCAPES:
        json = json.replace(plain, escaped)
    return json


def in_attribute(text: str) -> str:
    """Return text escaped for the quoted value of an HTML attribute."""
    for plain, escaped in _ATTRIBUTE_ESCAPES:
        text = text.replace(plain, escaped)
    return text
