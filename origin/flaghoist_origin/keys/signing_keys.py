"""Keys that sign contexts: created here in pairs, of which only the public half is stored."""

import secrets
from collections.abc import Iterable

import msgspec

from flaghoist.errors import Conflict, InputError, LimitExceeded, NotFound
from flaghoist.limits import SIGNING_KEYS
from flaghoist_origin.keys.keys import ID_BYTES, OVERLAP_SECONDS_MOST, check_name
from flaghoist_origin.keys.signatures import KeyPair, new_key_pair
from flaghoist_origin.storage.database.records import SYSTEM, Author, EnvironmentRecord, SigningChange, SigningKeyRecord
from flaghoist_origin.storage.store import Store


class IssuedSigningKey(msgspec.Struct, frozen=True):
    """A signing key as it was issued: its private half is known only at this moment."""

    record: SigningKeyRecord
    pair: KeyPair


async def issue(store: Store, environment: str, name: str, author: Author = SYSTEM) -> IssuedSigningKey:
    """Create a key pair and store its public half; raise InputError for a bad name, LimitExceeded past the limit."""
    check_name(name)
    pair = new_key_pair()

    def decide(record: EnvironmentRecord, now_ms: int) -> SigningChange:
        _check_count(record.signing_keys, now_ms)
        return SigningChange("issued", (_record(environment, name, pair, now_ms),))

    change = await store.change_signing(environment, decide, author)
    return IssuedSigningKey(change.keys[-1], pair)


async def rotate(store: Store, environment: str, key_id: str, overlap_seconds: int, author: Author) -> IssuedSigningKey:
    """Create a successor of the same name; signatures of the old key are valid until the overlap ends."""
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MOST:
        raise InputError.at("$.overlap_seconds", f"must lie between 0 and {OVERLAP_SECONDS_MOST}")
    pair = new_key_pair()

    def decide(record: EnvironmentRecord, now_ms: int) -> SigningChange:
        old = find(record.signing_keys, key_id)
        if not old.is_valid(now_ms):
            raise Conflict(f"signing key {key_id} is revoked or expired: create a new one instead")
        _check_count(record.signing_keys, now_ms)
        ends_at_ms = min(filter(None, (old.expires_at_ms, now_ms + overlap_seconds * 1000)))
        new = _record(environment, old.name, pair, now_ms)
        return SigningChange("rotated", (msgspec.structs.replace(old, expires_at_ms=ends_at_ms), new))

    change = await store.change_signing(environment, decide, author)
    return IssuedSigningKey(change.keys[-1], pair)


async def revoke(store: Store, environment: str, key_id: str, author: Author) -> SigningKeyRecord:
    """Revoke a signing key: everything it has signed becomes invalid. Revoking it again changes nothing.

    Raises Conflict for the last key of an environment that requires signed contexts: no client could use it any more.
    """
    found: list[SigningKeyRecord] = []

    def decide(record: EnvironmentRecord, now_ms: int) -> SigningChange:
        old = find(record.signing_keys, key_id)
        found.append(old)
        if old.revoked_at_ms is not None:
            return SigningChange("revoked")
        if record.requires_signed_contexts and not _others_that_stay(record.signing_keys, old, now_ms):
            raise Conflict(
                f"{key_id} is the last key that signs for {environment}, which takes signed contexts only:"
                " rotate it with an overlap of 0, or take bare contexts first"
            )
        return SigningChange("revoked", (msgspec.structs.replace(old, revoked_at_ms=now_ms),))

    change = await store.change_signing(environment, decide, author)
    return next(iter(change.keys), found[0])


async def require(store: Store, environment: str, is_required: bool, author: Author) -> None:
    """Set whether client keys must send signed contexts; raise Conflict if no key could sign one."""

    def decide(record: EnvironmentRecord, now_ms: int) -> SigningChange:
        if is_required and not any(key.is_valid(now_ms) for key in record.signing_keys):
            raise Conflict(f"{environment} has no signing key, so every context would be refused: create one first")
        return SigningChange("", (), is_required)

    await store.change_signing(environment, decide, author)


def find(keys: Iterable[SigningKeyRecord], key_id: str) -> SigningKeyRecord:
    """Return the key of this id; raise NotFound."""
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise NotFound(f"there is no signing key {key_id}")
    return key


def _others_that_stay(keys: Iterable[SigningKeyRecord], key: SigningKeyRecord, now_ms: int) -> bool:
    """Return whether another signing key stays valid; one that is being rotated out does not."""
    return any(other.id != key.id and other.is_valid(now_ms) and other.expires_at_ms is None for other in keys)


def _check_count(keys: Iterable[SigningKeyRecord], now_ms: int) -> None:
    count = 1 + sum(key.is_valid(now_ms) for key in keys)
    if count > SIGNING_KEYS.value:
        raise LimitExceeded(SIGNING_KEYS, count)


def _record(environment: str, name: str, pair: KeyPair, now_ms: int) -> SigningKeyRecord:
    return SigningKeyRecord(secrets.token_hex(ID_BYTES), environment, name, pair.public, now_ms)
