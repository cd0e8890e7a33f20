"""A cache that is bounded in bytes: the oldest entries are evicted first."""

from collections.abc import Callable
from typing import Generic, TypeVar

OVERHEAD_BYTES = 256
"""What an entry takes beside its own bytes."""

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Values by key, of ``most_bytes`` at most; ``size_of`` returns the bytes of an entry without its overhead.

    ``get`` returns the cached value of a key, None if there is none. A value that is larger than the whole cache is not
    cached.
    """

    def __init__(self, most_bytes: int, size_of: Callable[[K, V], int]) -> None:
        self._most_bytes = most_bytes
        self._size_of = size_of
        self._entries: dict[K, V] = {}
        self._bytes = 0
        self.get: Callable[[K], V | None] = self._entries.get

    def __len__(self) -> int:
        return len(self._entries)

    def keep(self, key: K, value: V) -> None:
        """Cache a value, in place of an older one of the same key."""
        size = self._size_of(key, value) + OVERHEAD_BYTES
        if size > self._most_bytes:
            return
        if key in self._entries:
            self._evict(key)
        self._entries[key] = value
        self._bytes += size
        while self._bytes > self._most_bytes:
            self._evict(next(iter(self._entries)))

    def _evict(self, key: K) -> None:
        self._bytes -= self._size_of(key, self._entries.pop(key)) + OVERHEAD_BYTES
