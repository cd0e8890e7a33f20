"""Create, copy and remove environments; each has its own epoch, keys and manifest."""

import secrets
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from flaghoist.errors import Conflict
from flaghoist.model.flags import Flag, FlagSet, Group
from flaghoist_origin.control.edits import SALT_BYTES
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replaced
from flaghoist_origin.keys.keys import IssuedKey, new_key
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import Author, Change, EnvironmentRecord
from flaghoist_origin.storage.environments.lifecycle import LifecycleStorage

FIRST_KEY = "first owner"
ANY_STATE = Preconditions(if_match=Tags(is_any=True))
Salted = TypeVar("Salted", Flag, Group)
Salts = Literal["keep", "new"]


class CopySource(msgspec.Struct, frozen=True):
    """The environment to copy, and whether its salts are replaced."""

    record: EnvironmentRecord
    salts: Salts


class Administration:
    """Creates and removes environments, in the database and in this process."""

    def __init__(self, store: LifecycleStorage, environments: Environments, now_ms: Callable[[], int]) -> None:
        self._store, self._environments, self._now_ms = store, environments, now_ms

    async def create(self, name: str, author: Author, source: CopySource | None = None) -> IssuedKey:
        """Create an environment, empty or as a copy; return its first key, an owner's. Raises Conflict if it exists."""
        issued = new_key("admin", name, FIRST_KEY, "owner", self._now_ms())
        contents = _contents(source) if source else FlagSet()
        is_created = await self._store.create_environment(
            name,
            author,
            decide=lambda record: replaced(record, contents, ANY_STATE, "copied", {}),
            keys=(issued.record,),
            details=_details(source) if source else None,
        )
        if not is_created:
            raise Conflict(f"{name} exists already: choose another name, or remove it first")
        await self._environments.refresh(name)
        return issued

    async def remove(self, name: str, author: Author) -> EnvironmentRecord:
        """Remove an environment and return it as it was; raise Conflict for the last one."""
        async with self._environments.lock(name):
            with collection_paused():
                removed = await self._store.remove_environment(name, _emptied, author)
            self._environments.forget(name)
        return removed


def _emptied(record: EnvironmentRecord) -> Change:
    return replaced(record, FlagSet(), ANY_STATE, "emptied", {})


def _contents(source: CopySource) -> FlagSet:
    flagset = source.record.flagset
    if source.salts == "keep":
        return flagset
    return msgspec.structs.replace(
        flagset,
        flags={key: _with_new_salt(flag) for key, flag in flagset.flags.items()},
        groups={key: _with_new_salt(group) for key, group in flagset.groups.items()},
    )


def _with_new_salt(entity: Salted) -> Salted:
    return msgspec.structs.replace(entity, salt=secrets.token_hex(SALT_BYTES))


def _details(source: CopySource) -> str:
    record = source.record
    details = {"copied_from": record.name, "version": str(record.snapshot_version), "salts": source.salts}
    return msgspec.json.encode(details).decode()
