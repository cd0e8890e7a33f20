"""The life cycle that API keys and signing keys share: issued up to a limit, rotated with an overlap, revoked once."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic

import msgspec

from flaghoist.errors import Conflict, InputError, LimitExceeded, NotFound
from flaghoist.limits import Limit
from flaghoist_origin.storage.database.records import AnyKey, Author, EnvironmentRecord, KeyChange
from flaghoist_origin.storage.environments.keys import DecideKeys

ID_BYTES = 8
NAME_CHARACTERS = 100
OVERLAP_SECONDS_MOST = 90 * 24 * 3600

StoreKeys = Callable[[str, DecideKeys[AnyKey], Author], Awaitable[KeyChange[AnyKey]]]
"""Takes environment, decision and author: `KeyStorage.change_api_keys` or `KeyStorage.change_signing_keys`."""


@dataclass(frozen=True)
class KeyLifeCycle(Generic[AnyKey]):
    """One kind of key: how messages name it, how many may be valid at once, and which keys of an environment they are.

    ``successor`` is what messages advise to create in place of a key that ended.
    """

    noun: str
    successor: str
    limit: Limit
    keys_of: Callable[[EnvironmentRecord], tuple[AnyKey, ...]]

    def find(self, keys: Iterable[AnyKey], key_id: str) -> AnyKey:
        """Return the key of this id; raise NotFound."""
        key = next((key for key in keys if key.id == key_id), None)
        if key is None:
            raise NotFound(f"there is no {self.noun} {key_id}")
        return key

    async def issue(
        self, store: StoreKeys[AnyKey], environment: str, author: Author, make: Callable[[int], AnyKey]
    ) -> AnyKey:
        """Store the key that ``make`` returns for the present time (ms); raise LimitExceeded, or as ``make``."""

        def decide(record: EnvironmentRecord, now_ms: int) -> KeyChange[AnyKey]:
            key = make(now_ms)
            self._check_count(record, now_ms)
            return KeyChange("issued", (key,))

        return (await store(environment, decide, author)).keys[-1]

    async def rotate(
        self,
        store: StoreKeys[AnyKey],
        environment: str,
        key_id: str,
        *,
        overlap_seconds: int,
        author: Author,
        make: Callable[[AnyKey, int], AnyKey],
    ) -> AnyKey:
        """Store and return the successor that ``make`` returns for the old key and the present time (ms).

        The old key expires after the overlap, or at its own earlier expiry. Raises InputError for a bad overlap,
        NotFound, Conflict for a key that has ended, and LimitExceeded.
        """
        check_overlap(overlap_seconds)

        def decide(record: EnvironmentRecord, now_ms: int) -> KeyChange[AnyKey]:
            old = self.find(self.keys_of(record), key_id)
            if not old.is_valid(now_ms):
                raise Conflict(f"{self.noun} {key_id} is revoked or expired: create {self.successor} instead")
            self._check_count(record, now_ms)
            ends_at_ms = min(filter(None, (old.expires_at_ms, now_ms + overlap_seconds * 1000)))
            return KeyChange("rotated", (msgspec.structs.replace(old, expires_at_ms=ends_at_ms), make(old, now_ms)))

        return (await store(environment, decide, author)).keys[-1]

    async def revoke(
        self,
        store: StoreKeys[AnyKey],
        environment: str,
        key_id: str,
        author: Author,
        check: Callable[[AnyKey, EnvironmentRecord, int], None],
    ) -> AnyKey:
        """Revoke a key at once and return it; revoking it again changes nothing.

        ``check`` gets the key, its environment and the present time (ms), and raises Conflict where the key must stay.
        """
        found: list[AnyKey] = []

        def decide(record: EnvironmentRecord, now_ms: int) -> KeyChange[AnyKey]:
            old = self.find(self.keys_of(record), key_id)
            found.append(old)
            if old.revoked_at_ms is not None:
                return KeyChange("revoked")
            check(old, record, now_ms)
            return KeyChange("revoked", (msgspec.structs.replace(old, revoked_at_ms=now_ms),))

        change = await store(environment, decide, author)
        return next(iter(change.keys), found[0])

    def _check_count(self, record: EnvironmentRecord, now_ms: int) -> None:
        count = 1 + sum(key.is_valid(now_ms) for key in self.keys_of(record))
        if count > self.limit.value:
            raise LimitExceeded(self.limit, count)


def check_name(name: str) -> None:
    """Raise InputError for what cannot be the name of a key."""
    if not 1 <= len(name) <= NAME_CHARACTERS or not name.isprintable():
        raise InputError.at("$.name", f"a name is 1 to {NAME_CHARACTERS} printable characters")


def check_overlap(overlap_seconds: int) -> None:
    """Raise InputError for an overlap that is negative or longer than 90 days."""
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MOST:
        raise InputError.at("$.overlap_seconds", f"must lie between 0 and {OVERLAP_SECONDS_MOST}")
