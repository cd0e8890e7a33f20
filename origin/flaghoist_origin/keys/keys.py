"""API keys, stored only as a hash: issued, rotated and revoked."""

import secrets
from typing import cast, get_args

import msgspec

from flaghoist.errors import Conflict, InputError
from flaghoist.limits import KEYS
from flaghoist.protocol.keys import key_text
from flaghoist_origin.keys.key_secrets import hash_of, new_secret
from flaghoist_origin.keys.life_cycle import ID_BYTES, KeyLifeCycle, check_name
from flaghoist_origin.storage.database.records import SYSTEM, Author, EnvironmentRecord, KeyKind, KeyRecord, Role
from flaghoist_origin.storage.environments.keys import KeyStorage

API_KEYS = KeyLifeCycle[KeyRecord]("key", "a new key", KEYS, lambda record: record.keys)


class IssuedKey(msgspec.Struct, frozen=True):
    """A key as it was issued: its text is known only at this moment."""

    record: KeyRecord
    text: str


def new_key(kind: KeyKind, environment: str, name: str, role: Role | None, now_ms: int) -> IssuedKey:
    """Return a new key with its text; storing it is the caller's."""
    text = key_text(kind, environment, new_secret())
    return IssuedKey(_record(text, name, now_ms, role), text)


async def issue(
    store: KeyStorage,
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
    text = key_text(kind, environment, new_secret())

    def make(now_ms: int) -> KeyRecord:
        check_name(name)
        _check_expiry(expires_at_ms, now_ms)
        _check_role(kind, role)
        return _record(text, name, now_ms, role, expires_at_ms)

    return IssuedKey(await API_KEYS.issue(store.change_api_keys, environment, author, make), text)


async def rotate(store: KeyStorage, environment: str, key_id: str, overlap_seconds: int, author: Author) -> IssuedKey:
    """Issue a successor of the same kind, role and name, which does not expire.

    The old key expires after the overlap, or at its own earlier expiry. Raises what `KeyLifeCycle.rotate` does.
    """
    secret = new_secret()

    def make(old: KeyRecord, now_ms: int) -> KeyRecord:
        return _record(key_text(old.kind, environment, secret), old.name, now_ms, old.role)

    store_keys = store.change_api_keys
    new = await API_KEYS.rotate(
        store_keys, environment, key_id, overlap_seconds=overlap_seconds, author=author, make=make
    )
    return IssuedKey(new, key_text(new.kind, environment, secret))


async def revoke(store: KeyStorage, environment: str, key_id: str, author: Author) -> KeyRecord:
    """Revoke a key at once; revoking it again changes nothing. Raises Conflict for the last owner's key."""
    return await API_KEYS.revoke(store.change_api_keys, environment, key_id, author, _refuse_last_owner)


def _refuse_last_owner(key: KeyRecord, record: EnvironmentRecord, now_ms: int) -> None:
    owners = {other.id for other in record.keys if other.role == "owner" and other.is_valid(now_ms)}
    if owners == {key.id}:
        raise Conflict(f"{key.id} is the last owner key of {record.name}: create another one first")


def _check_expiry(expires_at_ms: int | None, now_ms: int) -> None:
    if expires_at_ms is not None and expires_at_ms <= now_ms:
        raise InputError.at("$.expires_at", "lies in the past")


def _check_role(kind: KeyKind, role: Role | None) -> None:
    if kind == "admin" and role is None:
        raise InputError.at("$.role", f"an admin key needs a role: {', '.join(get_args(Role))}")
    if kind != "admin" and role is not None:
        raise InputError.at("$.role", f"a {kind} key has no role: leave it out")


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
