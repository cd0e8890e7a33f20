"""What each operator says about one attribute value and one clause value. A wrong type does not match."""

import re
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from tests.plain import addresses, instants, versions

Predicate = Callable[[Any, Any], bool]

LONGEST_SUBJECT = 1024


def is_number(value: object) -> bool:
    """Say whether the value is a JSON number: booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_equal(left: object, right: object) -> bool:
    """JSON equality of scalars: numbers by value, booleans only with booleans, strings unchanged."""
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, bool) and isinstance(right, bool):
        return left == right
    return isinstance(left, str) and isinstance(right, str) and left == right


def _on_strings(test: Callable[[str, str], bool]) -> Predicate:
    return lambda value, wanted: isinstance(value, str) and test(value, wanted)


def _on_numbers(test: Callable[[float, float], bool]) -> Predicate:
    return lambda value, wanted: is_number(value) and test(value, wanted)


def _on_instants(test: Callable[[Any, Any], bool]) -> Predicate:
    def predicate(value: object, wanted: object) -> bool:
        instant = instants.parse(value)
        return instant is not None and test(instant, instants.parse(wanted))

    return predicate


def _on_versions(test: Callable[[int], bool]) -> Predicate:
    def predicate(value: object, wanted: object) -> bool:
        mine, theirs = versions.parse(value), versions.parse(wanted)
        return mine is not None and theirs is not None and test(versions.compare(mine, theirs))

    return predicate


def _matches(value: str, pattern: str) -> bool:
    return len(value) <= LONGEST_SUBJECT and re.search(pattern, value) is not None


OPERATORS: dict[str, Predicate] = {
    "in": is_equal,
    "contains": _on_strings(lambda value, part: part in value),
    "starts_with": _on_strings(lambda value, start: value.startswith(start)),
    "ends_with": _on_strings(lambda value, end: value.endswith(end)),
    "matches": _on_strings(_matches),
    "lt": _on_numbers(lt),
    "lte": _on_numbers(le),
    "gt": _on_numbers(gt),
    "gte": _on_numbers(ge),
    "before": _on_instants(lt),
    "after": _on_instants(gt),
    "semver_eq": _on_versions(lambda order: order == 0),
    "semver_lt": _on_versions(lambda order: order < 0),
    "semver_lte": _on_versions(lambda order: order <= 0),
    "semver_gt": _on_versions(lambda order: order > 0),
    "semver_gte": _on_versions(lambda order: order >= 0),
    "cidr": addresses.is_in_network,
}
