"""A cache of answers that were requested twice, bounded in bytes.

The first answer for a user is not cached: most users do not ask again, and caching them would only push other data out
of the processor's caches.
"""

from collections.abc import Callable

from flaghoist.bounded_cache import BoundedCache

KEPT_BYTES = 8 * 1024 * 1024
"""Small beside an isolate's 128 MB, large beside the answers for users who return within a minute."""

REMEMBERED_NAMES = 1_024
"""How many names of answers are remembered to detect a repeated request."""

Render = Callable[[bytes, bytes], bytes]
"""Returns rendered flags between two texts."""


class BodyCache:
    """Rendered flags by a name that covers all they depend on, as an ETag does: snapshot, scope, view and context."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._kept: BoundedCache[tuple[str, str], bytes] = BoundedCache(most_bytes, _size)
        self._requested: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def obtain(self, etag: str, view: str, render: Render, before: bytes = b"", after: bytes = b"") -> bytes:
        """Return the cached answer of this name, else the result of ``render``, between two texts that are not cached.

        The oldest entries are evicted first.
        """
        name = (etag, view)
        found = self._kept.get(name)
        if found is None:
            if name not in self._requested:
                self._remember(name)
                return render(before, after)
            found = render(b"", b"")
            self._kept.keep(name, found)
        return b"".join((before, found, after))

    def _remember(self, name: tuple[str, str]) -> None:
        if len(self._requested) >= REMEMBERED_NAMES:
            del self._requested[next(iter(self._requested))]
        self._requested[name] = None


def _size(_name: tuple[str, str], rendered: bytes) -> int:
    return len(rendered)
