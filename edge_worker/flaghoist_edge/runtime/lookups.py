"""Views of JavaScript objects that read a member only when it is requested."""

from collections.abc import Iterator, Mapping
from typing import Any


class Lookup(Mapping[str, Any]):
    """Base of all such views: iteration is not supported."""

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("look up members by name")

    def __len__(self) -> int:
        raise NotImplementedError("look up members by name")
