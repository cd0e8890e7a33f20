"""Keys that sign contexts: created here in pairs, of which only the public half is stored."""

import secrets
from collections.abc import Iterable

import msgspec

from flaghoist.errors import Conflict
from flaghoist.limits import SIGNING_KEYS as LIMIT
from flaghoist_origin.keys.life_cycle import ID_BYTES, KeyLifeCycle, check_name
from flaghoist_origin.keys.signatures import KeyPair, new_key_pair
from flaghoist_origin.storage.database.records import SYSTEM, Author, EnvironmentRecord, SigningKeyRecord
from flaghoist_origin.storage.environments.keys import KeyStorage

SIGNING_KEYS = KeyLifeCycle[SigningKeyRecord]("signing key", "a new one", LIMIT, lambda record: record.signing_keys)


class IssuedSigningKey(msgspec.Struct, frozen=True):
    """A signing key as it was issued: its private half is known only at this moment."""

    record: SigningKeyRecord
    pair: KeyPair


async def issue(store: KeyStorage, environment: str, name: str, author: Author = SYSTEM) -> IssuedSigningKey:
    """Create a key pair and store its public half; raise InputError for a bad name, LimitExceeded past the limit."""
    check_name(name)
    pair = new_key_pair()

    def make(now_ms: int) -> SigningKeyRecord:
        return _record(environment, name, pair, now_ms)

    return IssuedSigningKey(await SIGNING_KEYS.issue(store.change_signing_keys, environment, author, make), pair)


async def rotate(
    store: KeyStorage, environment: str, key_id: str, overlap_seconds: int, author: Author
) -> IssuedSigningKey:
    """Create a successor of the same name; signatures of the old key are valid until the overlap ends.

    Raises what `KeyLifeCycle.rotate` does.
    """
    pair = new_key_pair()

    def make(old: SigningKeyRecord, now_ms: int) -> SigningKeyRecord:
        return _record(environment, old.name, pair, now_ms)

    store_keys = store.change_signing_keys
    new = await SIGNING_KEYS.rotate(
        store_keys, environment, key_id, overlap_seconds=overlap_seconds, author=author, make=make
    )
    return IssuedSigningKey(new, pair)


async def revoke(store: KeyStorage, environment: str, key_id: str, author: Author) -> SigningKeyRecord:
    """Revoke a signing key: everything it has signed becomes invalid. Revoking it again changes nothing.

    Raises Conflict for the last key of an environment that requires signed contexts: no client could use it any more.
    """
    return await SIGNING_KEYS.revoke(store.change_signing_keys, environment, key_id, author, _refuse_last_signer)


async def require(store: KeyStorage, environment: str, is_required: bool, author: Author) -> None:
    """Set whether client keys must send signed contexts; raise Conflict if no key could sign one."""

    def decide(record: EnvironmentRecord, now_ms: int) -> bool:
        if is_required and not any(key.is_valid(now_ms) for key in record.signing_keys):
            raise Conflict(f"{environment} has no signing key, so every context would be refused: create one first")
        return is_required

    await store.require_signed_contexts(environment, decide, author)


def _refuse_last_signer(key: SigningKeyRecord, record: EnvironmentRecord, now_ms: int) -> None:
    if record.requires_signed_contexts and not _others_that_stay(record.signing_keys, key, now_ms):
        raise Conflict(
            f"{key.id} is the last key that signs for {record.name}, which takes signed contexts only:"
            " rotate it with an overlap of 0, or take bare contexts first"
        )


def _others_that_stay(keys: Iterable[SigningKeyRecord], key: SigningKeyRecord, now_ms: int) -> bool:
    """Return whether another signing key stays valid; one that is being rotated out does not."""
    return any(other.id != key.id and other.is_valid(now_ms) and other.expires_at_ms is None for other in keys)


def _record(environment: str, name: str, pair: KeyPair, now_ms: int) -> SigningKeyRecord:
    return SigningKeyRecord(secrets.token_hex(ID_BYTES), environment, name, pair.public, now_ms)
