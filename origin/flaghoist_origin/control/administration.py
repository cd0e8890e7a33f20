"""Create, copy and remove environments; each has its own epoch, keys and manifest."""

from collections.abc import Callable

from flaghoist.errors import Conflict
from flaghoist.model.flags import FlagSet
from flaghoist_origin.control.copies import CopySource
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replaced
from flaghoist_origin.keys.keys import IssuedKey, new_key
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import Author, Change, EnvironmentRecord
from flaghoist_origin.storage.environments.lifecycle import LifecycleStorage

FIRST_KEY = "first owner"
ANY_STATE = Preconditions(if_match=Tags(is_any=True))


class Administration:
    """Creates and removes environments, in the database and in this process."""

    def __init__(self, store: LifecycleStorage, environments: Environments, now_ms: Callable[[], int]) -> None:
        self._store, self._environments, self._now_ms = store, environments, now_ms

    async def create(self, name: str, author: Author, source: CopySource | None = None) -> IssuedKey:
        """Create an environment, empty or as a copy; return its first key, an owner's. Raises Conflict if it exists."""
        issued = new_key("admin", name, FIRST_KEY, "owner", self._now_ms())
        contents = source.flagset() if source else FlagSet()
        is_created = await self._store.create_environment(
            name,
            author,
            decide=lambda record: replaced(record, contents, ANY_STATE, "copied", {}),
            keys=(issued.record,),
            details=source.details() if source else None,
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
