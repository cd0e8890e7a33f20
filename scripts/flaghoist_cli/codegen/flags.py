"""The data about each flag that generated code needs, and the flags it includes."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from flaghoist.model.flags import Flag, FlagSet, FlagType, JsonValue
from flaghoist_cli.codegen.shapes import Shape, joined, shape_of

Scope = Literal["client", "server"]

MOST_LISTED_VALUES = 20
MOST_LISTED_CHARACTERS = 64


class TypedFlag(msgspec.Struct, frozen=True):
    """One flag: its values as JSON, sorted; ``off`` is the one that it serves while it is off."""

    key: str
    type: FlagType
    values: tuple[JsonValue, ...]
    off: JsonValue
    description: str = ""

    @property
    def listed(self) -> tuple[JsonValue, ...]:
        """The values of a string or number flag if they are few and short enough for a type; else nothing."""
        if self.type in {"boolean", "object"} or len(self.values) > MOST_LISTED_VALUES:
            return ()
        return self.values if all(len(str(value)) <= MOST_LISTED_CHARACTERS for value in self.values) else ()

    @property
    def shape(self) -> Shape:
        """The common shape of all values."""
        return joined(shape_of(value) for value in self.values)


def typed_flags(flagset: FlagSet, scope: Scope) -> tuple[TypedFlag, ...]:
    """Return the flags of ``scope`` sorted by key: those that client keys see, or all; archived flags are left out."""
    live = (flagset.flags[key] for key in sorted(flagset.flags) if not flagset.flags[key].archived)
    return tuple(_typed(flag) for flag in live if scope == "server" or flag.client_visible)


def _typed(flag: Flag) -> TypedFlag:
    # Reading a flag fills in its type; a flag without one could not be stored.
    kind: FlagType = flag.type or "object"
    values = _sorted(flag.variations.values())
    return TypedFlag(flag.key, kind, values, flag.variations[flag.off_variation], flag.description)


def _sorted(values: Iterable[JsonValue]) -> tuple[JsonValue, ...]:
    """Return each value once; numbers by size, others by their JSON: databases do not keep the order of members."""
    by_text = {msgspec.json.encode(value, order="deterministic"): value for value in values}
    return tuple(by_text[text] for text in sorted(by_text, key=lambda text: (_size(by_text[text]), text)))


def _size(value: JsonValue) -> float:
    return value if isinstance(value, int | float) else 0
