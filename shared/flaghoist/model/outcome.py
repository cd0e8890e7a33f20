"""The result of an evaluation: one immutable object per distinct result of a flag, shared by all requests."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

NO_METADATA: Mapping[str, str] = MappingProxyType({})


class Reason(StrEnum):
    """Why an evaluation came out as it did, in OpenFeature's words."""

    STATIC = "STATIC"
    DEFAULT = "DEFAULT"
    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DISABLED = "DISABLED"
    ERROR = "ERROR"


class ErrorCode(StrEnum):
    """Why one flag has no value, in OpenFeature's words."""

    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    PARSE_ERROR = "PARSE_ERROR"
    INVALID_CONTEXT = "INVALID_CONTEXT"
    GENERAL = "GENERAL"


class Outcome(msgspec.Struct, eq=False, gc=False, repr_omit_defaults=True):
    """The result of one flag for one context, or the reason why there is none.

    ``value_json`` is the value's JSON. ``metadata`` (``ruleId``, ``prerequisiteFailed``, ``excludedBy``) is for server
    keys only. ``rendered`` caches fragments of bodies by format, for the code that writes answers.
    """

    flag_key: str
    flag_version: int
    reason: Reason
    variation: str | None = None
    variation_index: int | None = None
    value_json: bytes | None = None
    error_code: ErrorCode | None = None
    error_details: str = ""
    metadata: Mapping[str, str] = NO_METADATA
    rendered: dict[str, bytes] | None = None


def unknown_flag(key: str) -> Outcome:
    """Return the outcome of a flag that does not exist, is archived, or is hidden from the caller."""
    details = f"no flag {key!r} here: it is unknown, archived, or not visible to this key"
    return Outcome(key, 0, Reason.ERROR, error_code=ErrorCode.FLAG_NOT_FOUND, error_details=details)
