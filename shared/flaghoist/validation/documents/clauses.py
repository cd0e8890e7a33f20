"""The rules of one clause: which attribute and values each operator takes."""

import math
from collections.abc import Callable

from flaghoist.errors import InputError
from flaghoist.limits import CLAUSE_VALUES, CLAUSES, IDENTIFIER_CHARACTERS, INTEGER
from flaghoist.model.flags import Clause, Operator, Scalar
from flaghoist.text import addresses, instants, json_faults, patterns, semver
from flaghoist.text.json_paths import element, member
from flaghoist.validation.parts.faults import Faults
from flaghoist.validation.parts.names import check_identifier

_LONGEST, _LARGEST = IDENTIFIER_CHARACTERS.value, INTEGER.value

Complaint = Callable[[Scalar], str | None]
"""Returns the fault of one value, None if there is none."""


def check_clauses(clauses: tuple[Clause, ...], path: str, faults: Faults) -> None:
    """Record the faults of the list of ``clauses`` at ``path``."""
    if not faults.check_limit(CLAUSES, len(clauses), path):
        return
    for index, clause in enumerate(clauses):
        _check_clause(clause, element(path, index), faults)


def _check_clause(clause: Clause, path: str, faults: Faults) -> None:
    _check_attribute(clause, member(path, "attribute"), faults)
    here = member(path, "values")
    if not clause.values:
        faults.add_fault(here, "a clause without values never matches: give it at least one")
    if clause.op is Operator.EXISTS and len(clause.values) > 1:
        faults.add_fault(here, "exists takes exactly one value: true or false")
    if not faults.check_limit(CLAUSE_VALUES, len(clause.values), here):
        return
    complain = _COMPLAINTS[clause.op]
    for index, value in enumerate(clause.values):
        detail = complain(value)
        if detail is not None:
            faults.add_fault(element(here, index), detail)
        elif not _is_plain(value):
            _check_bounds(value, element(here, index), faults)


def _check_attribute(clause: Clause, path: str, faults: Faults) -> None:
    if clause.op is not Operator.IN_SEGMENT:
        check_identifier(clause.attribute, f"{clause.op} needs an attribute, and its name", path, faults)
    elif clause.attribute:
        faults.add_fault(path, "in_segment looks at the whole context: leave the attribute out")


def _is_plain(value: Scalar) -> bool:
    """Return quickly whether a value is within all limits; true for nearly every value."""
    if isinstance(value, str):
        return len(value) <= _LONGEST and value.isascii() and "\0" not in value
    return -_LARGEST <= value <= _LARGEST


def _check_bounds(value: Scalar, path: str, faults: Faults) -> None:
    if isinstance(value, str):
        faults.check_limit(IDENTIFIER_CHARACTERS, len(value), path)
    try:
        json_faults.refuse_any(value, path)
    except InputError as error:
        faults.add_error(error)


def _any_scalar(value: Scalar) -> str | None:
    return None


def _text(value: Scalar) -> str | None:
    return None if isinstance(value, str) else f"{_shown(value)} is not a string: write it in quotes"


def _number(value: Scalar) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if is_number else f"{_shown(value)} is not a number: write it without quotes"


def _instant(value: Scalar) -> str | None:
    if instants.parse(value) is not None:
        return None
    return f"{_shown(value)} is no instant: write RFC 3339 with an offset (2026-01-31T12:00:00Z) or epoch seconds"


def _version(value: Scalar) -> str | None:
    if semver.parse(value) is not None:
        return None
    return f"{_shown(value)} is not a version of SemVer 2.0: write it like 2.1.0 or 2.1.0-beta.1"


def _network(value: Scalar) -> str | None:
    if addresses.parse_network(value) is not None:
        return None
    return f"{_shown(value)} is neither an address nor a network: write it like 10.0.0.0/8 or 2001:db8::/32"


def _pattern(value: Scalar) -> str | None:
    return patterns.refusal(value) if isinstance(value, str) else _text(value)


def _claim(value: Scalar) -> str | None:
    return None if isinstance(value, bool) else f"{_shown(value)} is not a boolean: exists takes true or false"


def _segment_key(value: Scalar) -> str | None:
    return None if isinstance(value, str) else f"{_shown(value)} is not the key of a segment: write the key in quotes"


def _shown(value: Scalar) -> str:
    text = repr(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 64 else text[:64] + "…"


_COMPLAINTS: dict[Operator, Complaint] = {
    Operator.IN: _any_scalar,
    Operator.CONTAINS: _text,
    Operator.STARTS_WITH: _text,
    Operator.ENDS_WITH: _text,
    Operator.MATCHES: _pattern,
    Operator.LT: _number,
    Operator.LTE: _number,
    Operator.GT: _number,
    Operator.GTE: _number,
    Operator.BEFORE: _instant,
    Operator.AFTER: _instant,
    Operator.SEMVER_EQ: _version,
    Operator.SEMVER_LT: _version,
    Operator.SEMVER_LTE: _version,
    Operator.SEMVER_GT: _version,
    Operator.SEMVER_GTE: _version,
    Operator.CIDR: _network,
    Operator.EXISTS: _claim,
    Operator.IN_SEGMENT: _segment_key,
}
