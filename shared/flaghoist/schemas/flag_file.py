"""The JSON Schema of a flag file, the document of `flaghoist import` and of PUT of a snapshot, for editors."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from flaghoist.limits import FLAGS, GROUPS, SEGMENTS, Limit
from flaghoist.model.flags import Flag, Group, Segment
from flaghoist.schemas.members import MEMBERS, WHOLES, Schema
from flaghoist.validation.documents.reading import IGNORED_MEMBERS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"
_LISTS: tuple[tuple[str, type, Limit, str], ...] = (
    ("flags", Flag, FLAGS, "All flags; an empty list removes all."),
    ("segments", Segment, SEGMENTS, "Named sets of units, which clauses of flags and of other segments name."),
    ("groups", Group, GROUPS, "Spaces of buckets in which flags that exclude each other claim ranges."),
)
_IGNORED: Mapping[str, str] = {
    "$schema": "Where this schema is, for editors; no part of the set.",
    "environment": "Where an export was read; ignored.",
    "epoch": "When an export was read; ignored.",
    "version": "When an export was read; ignored.",
}


def flag_file_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12. It accepts everything that an import accepts, and rejects every wrong shape.

    Only the import checks rules across members: references, cycles, sums, overlaps, patterns.
    """
    types = [type_ for _, type_, _, _ in _LISTS]
    _, components = msgspec.json.schema_components(types, schema_hook=_any, ref_template=_REF)
    lists = {name: _list(type_, limit, meaning) for name, type_, limit, meaning in _LISTS}
    ignored = {name: {"description": _IGNORED[name]} for name in sorted(IGNORED_MEMBERS)}
    return {
        "$schema": DIALECT,
        "title": "Flaghoist flag file",
        "description": "Flags, segments and groups of one environment, as `flaghoist import` and `export` have them.",
        "type": "object",
        "properties": {**lists, **ignored},
        "required": ["flags"],
        "additionalProperties": False,
        "$defs": _definitions(components),
    }


def rendered() -> str:
    """Return the schema as indented JSON, as `docs/schemas/flag-file.schema.json` holds it."""
    return msgspec.json.format(msgspec.json.encode(flag_file_schema()), indent=2).decode() + "\n"


@cache
def published() -> tuple[bytes, str]:
    """Return the served bytes of the schema, and their ETag."""
    body = rendered().encode()
    return body, f'"{sha256(body).hexdigest()[:32]}"'


def _list(type_: type, limit: Limit, meaning: str) -> Schema:
    items = {"$ref": _REF.format(name=type_.__name__)}
    return {"description": meaning, "type": "array", "items": items, "maxItems": limit.value}


def _any(_: type) -> dict[str, Any]:
    return {"description": "any JSON value"}


def _definitions(components: Mapping[str, Any]) -> dict[str, Any]:
    """Return msgspec's schemas of the structs, extended by the tables of this package."""
    made = dict(components)
    for type_, members in MEMBERS.items():
        component = made[type_.__name__]
        properties = {name: {**schema, **members.get(name, {})} for name, schema in component["properties"].items()}
        made[type_.__name__] = {**component, "properties": properties, **WHOLES.get(type_, {})}
    return dict(sorted(made.items()))
