"""Base64url as tokens and URLs carry it: strict, where Python's own decoder skips what it does not know."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_TEXT = re.compile(r"([A-Za-z0-9_-]*)={0,2}")


def decode(text: str) -> bytes | None:
    """Return the bytes that ``text`` stands for, its padding optional; None when it is no base64url."""
    found = _TEXT.fullmatch(text)
    if found is None or len(found[1]) % 4 == 1:
        return None
    return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))


def encode(data: bytes) -> str:
    """Return ``data`` as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
