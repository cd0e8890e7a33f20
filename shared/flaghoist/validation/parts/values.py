"""The values of a flag's variations: their type, inferred or declared, and what each may be."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import InputError
from flaghoist.limits import VALUE_BYTES, VARIATIONS
from flaghoist.model.flags import Flag, FlagType, JsonValue
from flaghoist.text import json_faults
from flaghoist.text.json_paths import member
from flaghoist.validation.parts.faults import Faults

_TYPES: dict[type, FlagType] = {bool: "boolean", str: "string", int: "integer", float: "float", dict: "object"}


def value_type(value: JsonValue) -> FlagType | None:
    """Return the flag type of one value; None for null and arrays, which cannot be a variation."""
    return _TYPES.get(type(value))


def inferred_type(variations: Mapping[str, JsonValue]) -> FlagType | None:
    """Return the one type of all values, float if integers and floats are mixed; None if there is no such type."""
    types = {value_type(value) for value in variations.values()}
    if types == {"integer", "float"}:
        return "float"
    return types.pop() if len(types) == 1 else None


def settle_type(flag: Flag) -> Flag:
    """Return ``flag`` with its type filled in, and the integers of a float flag converted to floats where possible."""
    kind = flag.type or inferred_type(flag.variations)
    if kind is None:
        return flag
    variations = flag.variations
    if kind == "float":
        variations = {name: _as_float(value) for name, value in variations.items()}
    return msgspec.structs.replace(flag, type=kind, variations=variations)


def _as_float(value: JsonValue) -> JsonValue:
    return float(value) if type(value) is int else value


def check_values(flag: Flag, path: str, faults: Faults) -> None:
    """Record the faults of the values of ``flag``, whose paths are below ``path``."""
    here = member(path, "variations")
    if not faults.check_limit(VARIATIONS, len(flag.variations), here):
        return
    kind = flag.type or inferred_type(flag.variations)
    if kind is None:
        _check_mixed(flag.variations, here, faults)
        return
    for name, value in flag.variations.items():
        detail = _type_fault(value, kind)
        if detail is not None:
            faults.add_fault(member(here, name), detail)
        else:
            _check_content(value, member(here, name), faults)


def _check_mixed(variations: Mapping[str, JsonValue], path: str, faults: Faults) -> None:
    """Record the faults of values without a common type."""
    refused = [name for name, value in variations.items() if value_type(value) is None]
    for name in refused:
        faults.add_fault(member(path, name), "null and arrays cannot be values: wrap them in an object")
    if variations and not refused:
        types = sorted({str(value_type(value)) for value in variations.values()})
        faults.add_fault(path, f"the values are of different types ({', '.join(types)}): give all the same type")


def _type_fault(value: JsonValue, kind: FlagType) -> str | None:
    actual = value_type(value)
    if actual is None:
        return "null and arrays cannot be values: wrap them in an object"
    if actual == kind or (kind == "float" and actual == "integer"):
        return None
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return f"the flag's type is integer and {value} is written as a float: write {int(value)}"
    return f"the value's type is {actual}, the flag's is {kind}: change one of them"


def _check_content(value: JsonValue, path: str, faults: Faults) -> None:
    try:
        json_faults.refuse_any(value, path)
    except InputError as error:
        faults.add_error(error)
        return
    if isinstance(value, str | dict):
        faults.check_limit(VALUE_BYTES, len(msgspec.json.encode(value)), path)
