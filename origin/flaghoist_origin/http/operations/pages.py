"""Pages of long lists, as answers hold them."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items in a stable order; ``next`` is the cursor of the page after it, None on the last."""

    items: tuple[T, ...]
    next: str | None
