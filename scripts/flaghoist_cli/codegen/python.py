"""Typed accessors in Python: a class of functions over OpenFeature's client, one for each flag."""

import json
from collections.abc import Iterator, Mapping, Sequence

from flaghoist.model.flags import FlagType
from flaghoist_cli.codegen.flags import TypedFlag
from flaghoist_cli.codegen.names import Names, distinct, pascal, snake
from flaghoist_cli.codegen.prose import for_docstring
from flaghoist_cli.codegen.shapes import Scalar, Shape

HEADER = '''\
"""Feature flags as typed functions over the OpenFeature SDK.

Made by `flaghoist types --language python`: change the flags and run it again, not this file.
"""

# fmt: off
# ruff: noqa
# pylint: skip-file

from typing import Any, NotRequired, TypedDict, cast

from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
'''
_CLASS = '''\


class {name}:
    """The value of each flag for a context{how}.

    ``default`` is what you get where nothing can be evaluated: what the flag serves while it is off, unless you say.
    """

    def __init__(self, client: OpenFeatureClient) -> None:
        self._client = client
'''
_FUNCTION = '''\

    {define} {name}(self, context: EvaluationContext | None = None, *, default: {type} = {off}) -> {type}:
        """{said}"""
        return {call}("{key}", default, context)
'''
_OBJECT_FUNCTION = '''\

    {define} {name}(self, context: EvaluationContext | None = None, *, default: {type} | None = None) -> {type}:
        """{said}"""
        given: Any = {off} if default is None else default
        return cast({type}, {call}("{key}", given, context))
'''

_TYPES: Mapping[FlagType, str] = {"boolean": "bool", "string": "str", "integer": "int", "float": "float"}
_SCALARS: Mapping[Scalar, str] = {
    "boolean": "bool",
    "integer": "int",
    "float": "float",
    "string": "str",
    "null": "None",
}
_KINDS: Mapping[FlagType, str] = {
    "boolean": "a boolean",
    "string": "a string",
    "integer": "an integer",
    "float": "a float",
    "object": "an object",
}
_UNKNOWN = "Any"
_ITEMS = 0

Place = tuple[str | int, ...]
"""The path of an object: its flag, then members by name; `_ITEMS` stands for the items of an array."""


def names_of(flags: Sequence[TypedFlag]) -> Names:
    """Return the name of each flag's function, by key."""
    return distinct((flag.key for flag in flags), snake)


def render_python(flags: Sequence[TypedFlag]) -> str:
    """Return the module for ``flags``; it needs Python 3.11 and openfeature-sdk, and passes mypy's strict checks."""
    names, shapes = names_of(flags).of, _Shapes(flags)
    parts = [HEADER, *shapes.definitions()]
    for name, how, define, call in (
        ("Flags", "", "def", "self._client.get_{}_value"),
        ("AsyncFlags", ", awaited", "async def", "await self._client.get_{}_value_async"),
    ):
        parts.append(_CLASS.format(name=name, how=how))
        parts.extend(_function(flag, names[flag.key], shapes, define, call) for flag in flags)
    return "".join(parts)


def _function(flag: TypedFlag, name: str, shapes: "_Shapes", define: str, call: str) -> str:
    template = _OBJECT_FUNCTION if flag.type == "object" else _FUNCTION
    return template.format(
        define=define,
        name=name,
        type=shapes.type_of(flag),
        off=repr(flag.off),
        said=_said(flag),
        call=call.format(flag.type),
        key=flag.key,
    )


def _said(flag: TypedFlag) -> str:
    values = ", ".join(json.dumps(value, ensure_ascii=False) for value in flag.listed)
    among = f": {values}" if values else ""
    about = f" {flag.description}" if flag.description else ""
    return for_docstring(f"Return `{flag.key}`, {_KINDS[flag.type]}{among}.{about}")


class _Shapes:
    """The types of object flags. Each object in them is its own class, defined before it is used."""

    def __init__(self, flags: Sequence[TypedFlag]) -> None:
        self._flags = [flag for flag in flags if flag.type == "object"]
        places = [place for flag in self._flags for place, _ in _objects((flag.key,), flag.shape)]
        self._names = distinct((_place_key(place) for place in places), _class_name).of
        self._types = {flag.key: self._text((flag.key,), flag.shape) for flag in self._flags}

    def type_of(self, flag: TypedFlag) -> str:
        """Return the type of a flag's value."""
        return self._types[flag.key] if flag.type == "object" else _TYPES[flag.type]

    def definitions(self) -> Iterator[str]:
        """Yield the definitions of all classes."""
        for flag in self._flags:
            for place, shape in _objects((flag.key,), flag.shape):
                yield f"\n{self._definition(place, shape)}\n"

    def _definition(self, place: Place, shape: Shape) -> str:
        name = self._names[_place_key(place)]
        lines = [f'{name} = TypedDict("{name}", {{']
        for key, member in (shape.members or {}).items():
            text = self._text((*place, key), member.shape)
            lines.append(f"    {key!r}: {text if member.is_required else f'NotRequired[{text}]'},")
        return "\n".join([*lines, "})"])

    def _text(self, place: Place, shape: Shape) -> str:
        """Return the type of a ``shape``; a union if several types occur in one place."""
        kinds = shape.scalars - {"integer"} if "float" in shape.scalars else shape.scalars
        parts = [_SCALARS[kind] for kind in sorted(kinds - {"null"})]
        if shape.items is not None:
            parts.append(f"list[{self._text((*place, _ITEMS), shape.items)}]")
        if shape.members is not None:
            parts.append(self._names[_place_key(place)] if shape.members else "dict[str, Any]")
        parts += ["None"] if "null" in kinds else []
        return " | ".join(parts) or _UNKNOWN


def _objects(place: Place, shape: Shape) -> Iterator[tuple[Place, Shape]]:
    """Return the objects with members in a shape, with their paths, inner ones first."""
    if shape.items is not None:
        yield from _objects((*place, _ITEMS), shape.items)
    for key, member in (shape.members or {}).items():
        yield from _objects((*place, key), member.shape)
    if shape.members:
        yield place, shape


def _place_key(place: Place) -> str:
    return json.dumps(place)


def _class_name(place_key: str) -> str:
    return f"{pascal(place_key)}Value"
