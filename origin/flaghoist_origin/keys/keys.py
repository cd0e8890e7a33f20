"""API keys: ``fh_<kind>_<environment>_<secret>``, stored only as a hash; issued, rotated and revoked."""

import secrets
import string
from collections.abc import Iterable
from hashlib import sha256
from typing import cast, get_args

import msgspec

from flaghoist.errors import Conflict, InputError, LimitExceeded, NotFound
from flaghoist.limits import KEYS
from flaghoist.protocol.keys import SECRET_CHARACTERS, key_text
from flaghoist_origin.storage.database.records import SYSTEM, Author, KeyChange, KeyKind, KeyRecord, Role
from flaghoist_origin.storage.store import Store

ALPHABET = string.digits + string.ascii_letters
SECRET_BITS = 256
ID_BYTES = 8
NAME_CHARACTERS = 100
OVERLAP_SECONDS_MOST = 90 * 24 * 3600


class IssuedKey(msgspec.Struct, frozen=True):
    """A key as it was issued: its text is known only at this moment."""

    record: KeyRecord
    text: str


def hash_of(text: str) -> str:
    """Return the stored form of a key: the hex SHA-256 of its text, which is enough for 256 random bits."""
    return sha256(text.encode()).hexdigest()


def new_key(kind: KeyKind, environment: str, name: str, role: Role | None, now_ms: int) -> IssuedKey:
    """Return a new key with its text; storing it is the caller's."""
    text = _new_text(kind, environment)
    return IssuedKey(_record(text, name, now_ms, role), text)


async def issue(
    store: Store,
    environment: str,
    kind: KeyKind,
    name: str,
    *,
    role: Role | None = None,
    expires_at_ms: int | None = None,
    author: Author = SYSTEM,
) -> IssuedKey:
    """Store a new key and return it with its text; raise InputError for a bad name, role or expiry, or past the limit.

    Admin keys need a role; other keys must not have one.
    """
    text = _new_text(kind, environment)

    def decide(keys: tuple[KeyRecord, ...], now_ms: int) -> KeyChange:
        check_name(name)
        _check_expiry(expires_at_ms, now_ms)
        _check_role(kind, role)
        _check_count(keys, now_ms)
        return KeyChange("issued", (_record(text, name, now_ms, role, expires_at_ms),))

    change = await store.change_keys(environment, decide, author)
    return IssuedKey(change.keys[-1], text)


async def rotate(store: Store, environment: str, key_id: str, overlap_seconds: int, author: Author) -> IssuedKey:
    """Issue a successor of the same kind, role and name, which does not expire.

    The old key expires after the overlap, or earlier if it had an earlier expiry.
    """
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MOST:
        raise InputError.at("$.overlap_seconds", f"must lie between 0 and {OVERLAP_SECONDS_MOST}")
    secret = _new_secret()

    def decide(keys: tuple[KeyRecord, ...], now_ms: int) -> KeyChange:
        old = find(keys, key_id)
        if not old.is_valid(now_ms):
            raise Conflict(f"key {key_id} is revoked or expired: create a new key instead")
        _check_count(keys, now_ms)
        ends_at_ms = min(filter(None, (old.expires_at_ms, now_ms + overlap_seconds * 1000)))
        new = _record(key_text(old.kind, environment, secret), old.name, now_ms, old.role)
        return KeyChange("rotated", (msgspec.structs.replace(old, expires_at_ms=ends_at_ms), new))

    new = (await store.change_keys(environment, decide, author)).keys[-1]
    return IssuedKey(new, key_text(new.kind, environment, secret))


async def revoke(store: Store, environment: str, key_id: str, author: Author) -> KeyRecord:
    """Revoke a key at once; revoking it again changes nothing."""
    found: list[KeyRecord] = []

    def decide(keys: tuple[KeyRecord, ...], now_ms: int) -> KeyChange:
        old = find(keys, key_id)
        found.append(old)
        if old.revoked_at_ms is not None:
            return KeyChange("revoked")
        if _is_last_owner(old, keys, now_ms):
            raise Conflict(f"{key_id} is the last owner key of {environment}: create another one first")
        return KeyChange("revoked", (msgspec.structs.replace(old, revoked_at_ms=now_ms),))

    change = await store.change_keys(environment, decide, author)
    return next(iter(change.keys), found[0])


def find(keys: Iterable[KeyRecord], key_id: str) -> KeyRecord:
    """Return the key of this id; raise NotFound."""
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise NotFound(f"there is no key {key_id}")
    return key


def _is_last_owner(key: KeyRecord, keys: Iterable[KeyRecord], now_ms: int) -> bool:
    owners = {other.id for other in keys if other.role == "owner" and other.is_valid(now_ms)}
    return owners == {key.id}


def check_name(name: str) -> None:
    """Raise InputError for what cannot be the name of a key."""
    if not 1 <= len(name) <= NAME_CHARACTERS or not name.isprintable():
        raise InputError.at("$.name", f"a name is 1 to {NAME_CHARACTERS} printable characters")


def _check_expiry(expires_at_ms: int | None, now_ms: int) -> None:
    if expires_at_ms is not None and expires_at_ms <= now_ms:
        raise InputError.at("$.expires_at", "lies in the past")


def _check_role(kind: KeyKind, role: Role | None) -> None:
    if kind == "admin" and role is None:
        raise InputError.at("$.role", f"an admin key needs a role: {', '.join(get_args(Role))}")
    if kind != "admin" and role is not None:
        raise InputError.at("$.role", f"a {kind} key has no role: leave it out")


def _check_count(keys: Iterable[KeyRecord], now_ms: int) -> None:
    count = 1 + sum(key.is_valid(now_ms) for key in keys)
    if count > KEYS.value:
        raise LimitExceeded(KEYS, count)


def _record(text: str, name: str, now_ms: int, role: Role | None, expires_at_ms: int | None = None) -> KeyRecord:
    _, kind, environment, _ = text.split("_")
    return KeyRecord(
        id=secrets.token_hex(ID_BYTES),
        environment=environment,
        kind=cast(KeyKind, kind),
        name=name,
        hash=hash_of(text),
        created_at_ms=now_ms,
        expires_at_ms=expires_at_ms,
        role=role,
    )


def _new_text(kind: KeyKind, environment: str) -> str:
    return key_text(kind, environment, _new_secret())


def _new_secret() -> str:
    number = secrets.randbits(SECRET_BITS)
    digits = []
    for _ in range(SECRET_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
