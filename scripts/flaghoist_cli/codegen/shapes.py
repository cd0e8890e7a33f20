"""The shape of JSON values: the type of an object flag, derived from all its variations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from flaghoist.model.flags import JsonValue

Scalar = Literal["boolean", "float", "integer", "null", "string"]

_SCALARS: Mapping[type, Scalar] = {
    bool: "boolean",
    float: "float",
    int: "integer",
    type(None): "null",
    str: "string",
}


@dataclass(frozen=True)
class Member:
    """A member of objects; not ``is_required`` if some of the objects lack it."""

    shape: Shape
    is_required: bool = True


@dataclass(frozen=True)
class Shape:
    """The values seen in one place: kinds of scalars, arrays (with their items), objects (with their members)."""

    scalars: frozenset[Scalar] = frozenset()
    items: Shape | None = None
    members: Mapping[str, Member] | None = None


NOTHING = Shape()


def shape_of(value: JsonValue) -> Shape:
    """Return the shape of one value of JSON."""
    if isinstance(value, dict):
        return Shape(members={name: Member(shape_of(child)) for name, child in sorted(value.items())})
    if isinstance(value, list | tuple):
        return Shape(items=joined(shape_of(child) for child in value))
    return Shape(frozenset({_SCALARS[type(value)]}))


def joined(shapes: Iterable[Shape]) -> Shape:
    """Return the shape that covers all ``shapes``."""
    return reduce(_join, shapes, NOTHING)


def _join(one: Shape, other: Shape) -> Shape:
    return Shape(
        one.scalars | other.scalars,
        one.items if other.items is None else other.items if one.items is None else _join(one.items, other.items),
        _join_members(one.members, other.members),
    )


def _join_members(one: Mapping[str, Member] | None, other: Mapping[str, Member] | None) -> Mapping[str, Member] | None:
    if one is None or other is None:
        return other if one is None else one
    return {name: _join_member(one.get(name), other.get(name)) for name in sorted({*one, *other})}


def _join_member(one: Member | None, other: Member | None) -> Member:
    shape = joined(member.shape for member in (one, other) if member)
    return Member(shape, bool(one and other and one.is_required and other.is_required))
