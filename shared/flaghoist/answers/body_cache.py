"""Answers that were asked for twice, kept for the same user's next question, within a bound of bytes.

Keeping the first answer of every user would cost those who never come back: their answers fall out of the processor's
caches before they leave, and take other memory along.
"""

from collections.abc import Callable

KEPT_BYTES = 8 * 1024 * 1024
"""Small beside an isolate's 128 MB, large beside the answers of the users that come back within a minute."""

REMEMBERED_NAMES = 1_024
"""So many names of answers are remembered, to see which one is asked for again."""

OVERHEAD_BYTES = 256
"""What an entry takes besides its bytes."""


Render = Callable[[bytes, bytes], bytes]
"""Returns rendered flags between two texts."""


class BodyCache:
    """Rendered flags by a name that says all they depend on: snapshot, scope, view and context, as an ETag does."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[tuple[str, str], bytes] = {}
        self._bytes = 0
        self._asked: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def obtain(self, etag: str, view: str, render: Render, before: bytes = b"", after: bytes = b"") -> bytes:
        """Return what is kept under the name, else what ``render`` returns, between two texts that are not kept.

        The oldest entries make room for it.
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
