"""Space out writes to a KV key: Workers KV accepts one write per second and key."""

from collections.abc import Callable, Iterable

WRITE_INTERVAL_SECONDS = 1.0


class KeyPacer:
    """Reserves a time for each write, so that two writes of one key are never closer than the interval."""

    def __init__(self, monotonic: Callable[[], float], interval_seconds: float = WRITE_INTERVAL_SECONDS) -> None:
        self._monotonic = monotonic
        self._interval_seconds = interval_seconds
        self._free_at: dict[str, float] = {}

    def book(self, keys: Iterable[str]) -> float:
        """Reserve the earliest time that suits all ``keys``; return the seconds until then."""
        wanted = tuple(keys)
        now = self._monotonic()
        self._free_at = {key: free_at for key, free_at in self._free_at.items() if free_at > now}
        start = max((self._free_at[key] for key in wanted if key in self._free_at), default=now)
        self._free_at.update(dict.fromkeys(wanted, start + self._interval_seconds))
        return start - now
