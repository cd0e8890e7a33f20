"""The allowed values of members of the flag model, as far as JSON Schema can express them, with descriptions.

These tables extend what msgspec derives from the structs. They reject nothing that `flaghoist.validation` accepts.
"""

from collections.abc import Mapping
from typing import Any

from flaghoist import limits
from flaghoist.model.bucketing import BUCKET_BY, BUCKETS
from flaghoist.model.flags import (
    Clause,
    Flag,
    Group,
    GroupClaim,
    Operator,
    Prerequisite,
    Rollout,
    Rule,
    Segment,
    Serve,
    Target,
    Weight,
)

Schema = Mapping[str, Any]

_INTEGER: Schema = {"minimum": -limits.INTEGER.value, "maximum": limits.INTEGER.value}


def _of(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _text(limit: limits.Limit, least: int = 0) -> Schema:
    return {"maxLength": limit.value, **({"minLength": least} if least else {})}


def _list(items: Schema, limit: limits.Limit, least: int = 0) -> Schema:
    return {"items": items, "maxItems": limit.value, **({"minItems": least} if least else {})}


_KEY: Schema = {"type": "string", "pattern": f"^[A-Za-z0-9._-]{{1,{limits.FLAG_KEY_CHARACTERS.value}}}$"}
_NAME: Schema = {"type": "string", **_text(limits.FLAG_KEY_CHARACTERS, 1)}
_IDENTIFIER: Schema = {"type": "string", **_text(limits.IDENTIFIER_CHARACTERS, 1)}
_SALT: Schema = _text(limits.IDENTIFIER_CHARACTERS)
_PROSE: Schema = _text(limits.TEXT_CHARACTERS)
_UNITS: Schema = _list({"anyOf": [_IDENTIFIER, {"type": "integer", **_INTEGER}]}, limits.LIST_KEYS)
_CLAUSES: Schema = _list(_of("Clause"), limits.CLAUSES)
_SCALAR: Schema = {
    "type": ["boolean", "number", "string"],
    **_text(limits.IDENTIFIER_CHARACTERS),
}
_VERSION: Schema = {"description": "How often it was written; ignored in what you write."}

_VALUE_TYPES: Mapping[str, str] = {
    "boolean": "boolean",
    "string": "string",
    "integer": "integer",
    "float": "number",
    "object": "object",
}
"""JSON Schema's name for the values of each type of flag."""


def _all_of_type(kind: str) -> Schema:
    return {"additionalProperties": {"type": kind}}


MEMBERS: Mapping[type, Mapping[str, Schema]] = {
    Flag: {
        "key": {"description": "What code asks for; it stands in URLs and never changes.", **_KEY},
        "variations": {
            "description": "Every value that the flag can have, by name; all of one type. Wrap a list in an object.",
            "minProperties": 1,
            "maxProperties": limits.VARIATIONS.value,
            "propertyNames": _text(limits.FLAG_KEY_CHARACTERS, 1),
            "additionalProperties": {"type": ["boolean", "number", "object", "string"]},
            "anyOf": [_all_of_type(kind) for kind in ("boolean", "number", "object", "string")],
        },
        "off_variation": {"description": "Served while the flag is off, or something keeps it from deciding.", **_NAME},
        "fallthrough": {"description": "Served when no target and no rule answers."},
        "type": {"description": "The type of all values; inferred from them where it is left out."},
        "on": {"description": "The switch."},
        "salt": {"description": "Generated once; change it to draw everyone anew.", **_SALT},
        "prerequisites": {
            "description": "Other flags that must be on and serve one of the variations named.",
            **_list(_of("Prerequisite"), limits.PREREQUISITES),
        },
        "targets": {
            "description": "Units that get a variation whatever the rules say.",
            **_list(_of("Target"), limits.VARIATIONS),
        },
        "rules": {
            "description": "Tried in order; the first whose clauses all hold serves.",
            **_list(_of("Rule"), limits.RULES),
        },
        "client_visible": {"description": "Whether client keys, which are public, see the flag."},
        "consistency": {"description": "`strong` is answered by the origin when the caller asks for it."},
        "sticky": {"description": "Whether a verified earlier assignment replaces the draw."},
        "group": {"description": "The flag's share of a group of flags that exclude each other."},
        "description": {"description": "For people, and for the comments of generated code.", **_PROSE},
        "tags": {"description": "Labels, for people.", **_list(_IDENTIFIER, limits.TAGS)},
        "owner": {"description": "Who looks after it.", **_PROSE},
        "temporary": {"description": "Whether the flag is meant to be removed one day."},
        "archived": {"description": "An archived flag is unknown to callers and releases its range."},
        "version": _VERSION,
    },
    Segment: {
        "key": {"description": "What clauses with `in_segment` name.", **_KEY},
        "included": {"description": "Units that are in.", **_UNITS},
        "excluded": {"description": "Units that are out, unless they are included.", **_UNITS},
        "rules": {
            "description": "Others are in if all clauses of any of these lists hold.",
            **_list({"type": "array", **_CLAUSES}, limits.RULES),
        },
        "description": {"description": "For people.", **_PROSE},
        "version": _VERSION,
    },
    Group: {
        "key": {"description": "What flags name that claim a range of it.", **_KEY},
        "salt": {"description": "Generated once; change it to draw everyone anew.", **_SALT},
        "description": {"description": "For people.", **_PROSE},
        "version": _VERSION,
    },
    GroupClaim: {
        "key": {"description": "A group of this file.", **_KEY},
        "range": {
            "description": "From the first bucket up to, not including, the second; ranges of live flags are disjoint.",
            "prefixItems": [
                {"type": "integer", "minimum": 0, "maximum": BUCKETS - 1},
                {"type": "integer", "minimum": 1, "maximum": BUCKETS},
            ],
        },
    },
    Prerequisite: {
        "flag": {"description": "A flag of this file.", **_KEY},
        "variations": {"description": "One of these must be served.", **_list(_NAME, limits.VARIATIONS, 1)},
    },
    Target: {
        "variation": {"description": "A variation of the flag.", **_NAME},
        "keys": {"description": "Units: non-empty strings, or integers.", **_UNITS},
    },
    Rule: {
        "id": {"description": "What answers to server keys name; unique in the flag.", **_IDENTIFIER},
        "clauses": {"description": "All must hold; an empty list holds for everyone.", **_CLAUSES},
        "serve": {"description": "What is served then."},
    },
    Clause: {
        "op": {"description": "What is done with the attribute and each value."},
        "values": {"description": "Any of them may match.", **_list(_SCALAR, limits.CLAUSE_VALUES, 1)},
        "attribute": {
            "description": "A member of the context, or a path such as `app.version`; none for `in_segment`.",
            **_text(limits.IDENTIFIER_CHARACTERS),
        },
        "negate": {"description": "Inverts the result; a missing attribute stays no match."},
    },
    Serve: {
        "variation": {"description": "A variation of the flag.", **_text(limits.FLAG_KEY_CHARACTERS, 1)},
        "rollout": {"description": "A draw among variations."},
    },
    Rollout: {
        "weights": {
            "description": f"Parts of {BUCKETS:,}, to which they sum.",
            **_list(_of("Weight"), limits.VARIATIONS, 1),
        },
        "by": {"description": "The attribute that is drawn by.", **_text(limits.IDENTIFIER_CHARACTERS, 1)},
        "salt": {"description": "Replaces the flag's in this draw.", **_SALT},
        "algorithm": {"description": "How the bucket is worked out.", "enum": sorted(BUCKET_BY)},
    },
    Weight: {
        "variation": {"description": "A variation of the flag.", **_NAME},
        "weight": {"description": f"How many of {BUCKETS:,} buckets.", "minimum": 0, "maximum": BUCKETS},
    },
}
"""By struct and member: what is added to the schema of the member's type."""

TEXT_OPERATORS = (
    *(Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.MATCHES, Operator.CIDR),
    *(Operator.SEMVER_EQ, Operator.SEMVER_LT, Operator.SEMVER_LTE, Operator.SEMVER_GT, Operator.SEMVER_GTE),
)
OPERANDS: tuple[tuple[tuple[Operator, ...], Schema], ...] = (
    ((Operator.IN,), {}),
    (TEXT_OPERATORS, {"items": {"type": "string"}}),
    ((Operator.LT, Operator.LTE, Operator.GT, Operator.GTE), {"items": {"type": "number"}}),
    ((Operator.BEFORE, Operator.AFTER), {"items": {"type": ["number", "string"]}}),
    ((Operator.EXISTS,), {"items": {"type": "boolean"}, "maxItems": 1}),
    ((Operator.IN_SEGMENT,), {"items": _KEY}),
)
"""The values that a clause needs, by its operator."""


def _operator_is(operators: tuple[Operator, ...]) -> Schema:
    return {"properties": {"op": {"enum": [each.value for each in operators]}}, "required": ["op"]}


WHOLES: Mapping[type, Schema] = {
    Flag: {
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"properties": {"variations": _all_of_type(kind)}},
            }
            for name, kind in _VALUE_TYPES.items()
        ]
    },
    Clause: {
        "allOf": [
            {
                "if": _operator_is((Operator.IN_SEGMENT,)),
                "then": {"properties": {"attribute": {"const": ""}}},
                "else": {"properties": {"attribute": {"minLength": 1}}, "required": ["attribute"]},
            },
            *(
                {"if": _operator_is(operators), "then": {"properties": {"values": values}}}
                for operators, values in OPERANDS
                if values
            ),
        ]
    },
    Serve: {
        "oneOf": [
            {"required": ["variation"], "properties": {"variation": {"type": "string"}, "rollout": {"type": "null"}}},
            {"required": ["rollout"], "properties": {"rollout": {"type": "object"}, "variation": {"type": "null"}}},
        ]
    },
}
"""By struct: conditions on several members together."""
