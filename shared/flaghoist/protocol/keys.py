"""Keys: their text form, where a request carries them, and the constant-time check against the manifest.

A key reads ``fh_<kind>_<environment>_<43 letters and digits>``. Requests send it as ``Authorization: Bearer …`` or
``X-API-Key``; a client key may also stand in the query.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

import msgspec

from flaghoist.errors import ActionForbidden, KeyRefused
from flaghoist.protocol.requests import KeyKind
from flaghoist.snapshot.manifest import KeyRef

SECRET_CHARACTERS = 43
"""The fewest letters and digits that hold 256 bits."""

_KEY = re.compile(rf"fh_(client|server|admin)_([a-z0-9-]{{1,64}})_[0-9A-Za-z]{{{SECRET_CHARACTERS}}}")
_CLIENT_PREFIX = "fh_client_"
_KINDS: Mapping[str, KeyKind] = {"client": "client", "server": "server"}
_BEARER = "bearer "
_NOT_IN_URLS = "only client keys may travel in a URL: send this key as `Authorization: Bearer …`"


class ParsedKey(msgspec.Struct, frozen=True):
    """What the text of a well-formed key names: ``kind`` is client, server or admin."""

    kind: str
    environment: str


class PresentedKey(msgspec.Struct, frozen=True):
    """A well-formed key as a request carries it; it has not been checked against the manifest yet."""

    text: str
    kind: KeyKind
    environment: str
    in_url: bool


class Keyring(msgspec.Struct, frozen=True):
    """The keys of a manifest with their hashes parsed: (SHA-256, kind, expiry in ms or None)."""

    entries: tuple[tuple[bytes, KeyKind, int | None], ...]


def a_keyring(refs: tuple[KeyRef, ...]) -> Keyring:
    """Return the keyring of a manifest's keys."""
    return Keyring(tuple((bytes.fromhex(ref.hash), ref.kind, ref.expires_at_ms) for ref in refs))


def parse_key(text: str) -> ParsedKey | None:
    """Return what a key's text names, None if it is no well-formed key."""
    found = _KEY.fullmatch(text)
    return ParsedKey(found[1], found[2]) if found else None


def key_text(kind: str, environment: str, secret: str) -> str:
    """Return the text of a key; ``secret`` is `SECRET_CHARACTERS` letters and digits."""
    return f"fh_{kind}_{environment}_{secret}"


def names_client_key(text: str) -> bool:
    """Return whether a text claims to be a client key, the only kind that a page may contain."""
    return text.startswith(_CLIENT_PREFIX)


def bearer(key: str) -> str:
    """Return the value of ``Authorization`` that sends a key."""
    return f"Bearer {key}"


def sent_key(headers: Mapping[str, str]) -> str:
    """Return the text that a request sends as its key, by lower-case header name; empty if it sends none."""
    authorization = headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    return headers.get("x-api-key", "").strip()


def find_key(headers: Mapping[str, str], parameters: Mapping[str, str]) -> PresentedKey:
    """Return the key of a request, from a header or the query; raise KeyRefused or ActionForbidden."""
    text = sent_key(headers)
    in_url = not text and "key" in parameters
    if in_url:
        text = parameters["key"]
    if not text:
        raise KeyRefused("no key was sent: send a client or server key as `Authorization: Bearer fh_…`")
    found = _KEY.fullmatch(text)
    if found is None:
        raise KeyRefused("the key is malformed: keys read fh_<kind>_<environment>_<43 letters and digits>")
    kind = _KINDS.get(found[1])
    if kind is None:
        raise ActionForbidden("an admin key does not evaluate: use a client or server key")
    if in_url and kind != "client":
        raise KeyRefused(_NOT_IN_URLS)
    return PresentedKey(text, kind, found[2], in_url)


def check_key(keyring: Keyring, key: str, now_ms: int, *, in_url: bool) -> KeyKind:
    """Return the kind of the key according to the manifest.

    Raises KeyRefused if the key is unknown or expired, or if it came ``in_url`` and is of another kind than its text
    names. Every entry is compared, so the duration reveals nothing about a near match.
    """
    digest = sha256(key.encode()).digest()
    matching: tuple[bytes, KeyKind, int | None] | None = None
    for entry in keyring.entries:
        if compare_digest(entry[0], digest):
            matching = entry
    if matching is None:
        raise KeyRefused("this key is not valid here: it is unknown, was revoked, or is of another environment")
    _, kind, expires_at_ms = matching
    if expires_at_ms is not None and expires_at_ms <= now_ms:
        raise KeyRefused("this key has expired: use the key that replaced it")
    if in_url and kind != "client":
        raise KeyRefused(_NOT_IN_URLS)
    return kind
