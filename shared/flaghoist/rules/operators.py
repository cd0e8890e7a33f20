"""The operators: each takes a clause's values, prepared once, and returns a predicate over one attribute value.

A predicate sees a single value, never null or an array, and returns false for a value of the wrong type.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flaghoist.limits import SUBJECT_CHARACTERS
from flaghoist.model.flags import JsonValue, Operator
from flaghoist.text import addresses, instants, semver
from flaghoist.text.matching import matcher

Values = Sequence[object]
Predicate = Callable[[JsonValue], bool]

T = TypeVar("T")


def is_number(value: object) -> bool:
    """Return whether a JSON value is a number; booleans are not."""
    return type(value) is int or type(value) is float


def _equals(values: Values) -> Predicate:
    texts = frozenset(value for value in values if isinstance(value, str))
    truths = frozenset(value for value in values if isinstance(value, bool))
    numbers = frozenset(value for value in values if is_number(value))
    members: dict[type, frozenset[object]] = {str: texts, bool: truths, int: numbers, float: numbers}

    def equals(value: JsonValue) -> bool:
        same_kind = members.get(type(value))
        return same_kind is not None and value in same_kind

    return equals


def _text(match: Callable[[str, str], bool]) -> Callable[[Values], Predicate]:
    def build(values: Values) -> Predicate:
        texts = tuple(value for value in values if isinstance(value, str))
        return lambda value: isinstance(value, str) and any(match(value, text) for text in texts)

    return build


def _matches(values: Values) -> Predicate:
    found = tuple(matcher(value, SUBJECT_CHARACTERS.value) for value in values if isinstance(value, str))
    return lambda value: isinstance(value, str) and any(search(value) for search in found)


def _ordered(parse: Callable[[object], T | None], compare: Callable[[T, T], bool]) -> Callable[[Values], Predicate]:
    def build(values: Values) -> Predicate:
        bounds = tuple(bound for bound in map(parse, values) if bound is not None)

        def holds(value: JsonValue) -> bool:
            subject = parse(value)
            return subject is not None and any(compare(subject, bound) for bound in bounds)

        return holds

    return build


def _number(value: object) -> float | None:
    return value if is_number(value) else None  # type: ignore[return-value]


def _within(values: Values) -> Predicate:
    networks = tuple(network for network in map(addresses.parse_network, values) if network is not None)

    def within(value: JsonValue) -> bool:
        address = addresses.parse_address(value)
        return address is not None and any(addresses.contains(network, address) for network in networks)

    return within


PREDICATES: dict[str, Callable[[Values], Predicate]] = {
    Operator.IN: _equals,
    Operator.CONTAINS: _text(lambda subject, text: text in subject),
    Operator.STARTS_WITH: _text(str.startswith),
    Operator.ENDS_WITH: _text(str.endswith),
    Operator.MATCHES: _matches,
    Operator.LT: _ordered(_number, lambda subject, bound: subject < bound),
    Operator.LTE: _ordered(_number, lambda subject, bound: subject <= bound),
    Operator.GT: _ordered(_number, lambda subject, bound: subject > bound),
    Operator.GTE: _ordered(_number, lambda subject, bound: subject >= bound),
    Operator.BEFORE: _ordered(instants.parse, lambda subject, bound: subject < bound),
    Operator.AFTER: _ordered(instants.parse, lambda subject, bound: subject > bound),
    Operator.SEMVER_EQ: _ordered(semver.parse, lambda subject, bound: subject == bound),
    Operator.SEMVER_LT: _ordered(semver.parse, lambda subject, bound: subject < bound),
    Operator.SEMVER_LTE: _ordered(semver.parse, lambda subject, bound: subject <= bound),
    Operator.SEMVER_GT: _ordered(semver.parse, lambda subject, bound: subject > bound),
    Operator.SEMVER_GTE: _ordered(semver.parse, lambda subject, bound: subject >= bound),
    Operator.CIDR: _within,
}
