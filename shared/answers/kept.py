"""Answers that were given, kept for the same user's next question, within a bound of bytes."""

from collections.abc import Callable

KEPT_BYTES = 8 * 1024 * 1024
"""Small beside an isolate's 128 MB, large beside the answers of the users that come back within a minute."""

OVERHEAD_BYTES = 256
"""What an entry takes besides its bytes."""


class KeptAnswers:
    """Rendered flags by a name that says all they depend on: snapshot, scope, view and context, as an ETag does."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[tuple[str, str], bytes] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def obtain(self, etag: str, view: str, render: Callable[[], bytes]) -> bytes:
        """Return what is kept under the name, else what ``render`` returns; the oldest entries make room for it."""
        name = (etag, view)
        found = self._kept.get(name)
        if found is None:
            found = render()
            self._keep(name, found)
        return found

    def _keep(self, name: tuple[str, str], rendered: bytes) -> None:
        size = len(rendered) + OVERHEAD_BYTES
        if size > self._most_bytes:
            return
        self._kept[name] = rendered
        self._bytes += size
        while self._bytes > self._most_bytes:
            oldest = next(iter(self._kept))
            self._bytes -= len(self._kept.pop(oldest)) + OVERHEAD_BYTES
