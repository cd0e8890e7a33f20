"""Base64url as tokens and URLs use it. Strict: Python's own decoder skips unknown characters."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_TEXT = re.compile(r"([A-Za-z0-9_-]*)={0,2}")


def decode(text: str) -> bytes | None:
    """Return the decoded bytes of ``text``, padding optional; None if it is not base64url."""
    found = _TEXT.fullmatch(text)
    if found is None or len(found[1]) % 4 == 1:
        return None
    return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))


def encode(data: bytes) -> str:
    """Return ``data`` as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
