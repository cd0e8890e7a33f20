"""Views of JavaScript objects that read a member when it is asked for, and nothing before."""

from collections.abc import Iterator, Mapping
from typing import Any


class Lookup(Mapping[str, Any]):
    """What all such views share: iteration is not what they are for."""

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("look up members by name")

    def __len__(self) -> int:
        raise NotImplementedError("look up members by name")
