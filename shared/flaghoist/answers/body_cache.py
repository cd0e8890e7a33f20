"""A cache of answers that were requested twice, bounded in bytes.

The first answer for a user is not cached: most users do not ask again, and caching them would only push other data out
of the processor's caches.
"""

from collections.abc import Callable

KEPT_BYTES = 8 * 1024 * 1024
"""Small beside an isolate's 128 MB, large beside the answers for users who return within a minute."""

REMEMBERED_NAMES = 1_024
"""How many names of answers are remembered to detect a repeated request."""

OVERHEAD_BYTES = 256
"""What an entry takes beside its bytes."""


Render = Callable[[bytes, bytes], bytes]
"""Returns rendered flags between two texts."""


class BodyCache:
    """Rendered flags by a name that covers all they depend on, as an ETag does: snapshot, scope, view and context."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[tuple[str, str], bytes] = {}
        self._bytes = 0
        self._asked: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def obtain(self, etag: str, view: str, render: Render, before: bytes = b"", after: bytes = b"") -> bytes:
        """Return the cached answer of this name, else the result of ``render``, between two texts that are not cached.

        The oldest entries are evicted first.
        """
        name = (etag, view)
        found = self._kept.get(name)
        if found is None:
            if name not in self._asked:
                self._remember(name)
                return render(before, after)
            found = render(b"", b"")
            self._keep(name, found)
        return b"".join((before, found, after))

    def _remember(self, name: tuple[str, str]) -> None:
        if len(self._asked) >= REMEMBERED_NAMES:
            del self._asked[next(iter(self._asked))]
        self._asked[name] = None

    def _keep(self, name: tuple[str, str], rendered: bytes) -> None:
        size = len(rendered) + OVERHEAD_BYTES
        if size > self._most_bytes:
            return
        self._kept[name] = rendered
        self._bytes += size
        while self._bytes > self._most_bytes:
            oldest = next(iter(self._kept))
            self._bytes -= len(self._kept.pop(oldest)) + OVERHEAD_BYTES
