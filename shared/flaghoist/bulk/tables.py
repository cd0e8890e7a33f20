"""Tables of clauses on one attribute: they answer which rules a value supports.

``key`` reduces a value to what distinguishes the rules that it supports, so that the set for a key can be cached;
``hits`` lists these rules. An array supports what any of its elements supports.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from flaghoist.model.flags import JsonValue, Operator
from flaghoist.rules.operators import is_number
from flaghoist.snapshot.wire import WireClause
from flaghoist.text import instants, semver

Hit = tuple[int, int]
"""A rule: the position of its flag's byte, and its bit there."""


_KEPT_KEYS = 4_000
"""This many texts are cached in parsed form: versions and times repeat."""

_UNSEEN = object()


class Table(Protocol):
    """Clauses of one kind on one attribute; ``touched`` are the rules that have a clause here."""

    attribute: str
    touched: list[Hit]

    def add_clause(self, clause: WireClause, hit: Hit) -> None:
        """Add a rule's clause."""

    def key(self, value: JsonValue) -> object:
        """Return the key of a value, None if it supports no rule here."""

    def hits(self, key: object) -> Sequence[Hit]:
        """Return the rules that the values of a key support."""


class _Equal:
    """Clauses with ``in``."""

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.touched: list[Hit] = []
        self._by_value: dict[object, list[Hit]] = {}

    def add_clause(self, clause: WireClause, hit: Hit) -> None:
        self.touched.append(hit)
        for value in clause.values:
            self._by_value.setdefault(_scalar(value), []).append(hit)

    def key(self, value: JsonValue) -> object:
        if type(value) is str:
            return value if value in self._by_value else None
        values = value if isinstance(value, list) else [value]
        known = tuple({key for key in map(_scalar, values) if key in self._by_value})
        return (known,) if known else None

    def hits(self, key: object) -> Sequence[Hit]:
        keys = key[0] if isinstance(key, tuple) else (key,)
        return [hit for each in keys for hit in self._by_value[each]]


def _scalar(value: object) -> object:
    """Return a key that is equal exactly for equal JSON scalars."""
    if isinstance(value, str):
        return value
    return (isinstance(value, bool), value) if isinstance(value, bool | int | float) else None


class _Affix:
    """Clauses with ``starts_with`` or ``ends_with``; ``part_of`` returns so many characters from that side."""

    def __init__(self, attribute: str, part_of: Callable[[int], slice]) -> None:
        self.attribute = attribute
        self.touched: list[Hit] = []
        self._part_of = part_of
        self._by_text: dict[str, list[Hit]] = {}
        self._parts: dict[int, slice] = {}

    def add_clause(self, clause: WireClause, hit: Hit) -> None:
        self.touched.append(hit)
        for text in clause.values:
            if isinstance(text, str):
                self._by_text.setdefault(text, []).append(hit)
                self._parts[len(text)] = self._part_of(len(text))

    def key(self, value: JsonValue) -> object:
        known, parts = self._by_text, self._parts.values()
        if isinstance(value, str):
            return tuple([text for part in parts if (text := value[part]) in known]) or None
        texts = value if isinstance(value, list) else []
        found = {each[part] for each in texts if isinstance(each, str) for part in parts}
        return tuple(sorted(found.intersection(known))) or None

    def hits(self, key: object) -> Sequence[Hit]:
        assert isinstance(key, tuple)
        return [hit for text in key for hit in self._by_text[text]]


def _beginning(length: int) -> slice:
    return slice(length)


def _ending(length: int) -> slice:
    return slice(-length, None) if length else slice(0)


class _Ordered:
    """Clauses that compare with a bound.

    With the bounds sorted, a value lies on a bound (odd steps) or between two (even steps); all values on one step
    support the same rules. Of an array the lowest and the highest value decide.
    """

    def __init__(self, attribute: str, parse: Callable[[object], Any]) -> None:
        self.attribute = attribute
        self.touched: list[Hit] = []
        self._parse = parse
        self._clauses: list[tuple[_Comparison, Any, Hit]] = []
        self._sorted_bounds: _SortedBounds | None = None
        self._keys: dict[str, object] = {}

    def add_clause(self, clause: WireClause, hit: Hit) -> None:
        self.touched.append(hit)
        comparison = _COMPARISONS[clause.op]
        bounds = [bound for bound in map(self._parse, clause.values) if bound is not None]
        if bounds:
            self._clauses.append((comparison, comparison.loosest(bounds), hit))

    def key(self, value: JsonValue) -> object:
        if not isinstance(value, str):
            return self._key(value)
        key = self._keys.get(value, _UNSEEN)
        if key is _UNSEEN:
            if len(self._keys) >= _KEPT_KEYS:
                self._keys.clear()
            key = self._keys[value] = self._key(value)
        return key

    def _key(self, value: JsonValue) -> object:
        values = value if isinstance(value, list) else [value]
        subjects = [subject for subject in map(self._parse, values) if subject is not None]
        if not subjects:
            return None
        bounds = self._built()
        return bounds.step(min(subjects)), bounds.step(max(subjects))

    def hits(self, key: object) -> Sequence[Hit]:
        assert isinstance(key, tuple)
        return self._built().hits(*key)

    def _built(self) -> "_SortedBounds":
        if self._sorted_bounds is None:
            self._sorted_bounds = _SortedBounds(self._clauses)
        return self._sorted_bounds


class _Comparison(NamedTuple):
    """An operator: whether it holds below its bound or above it, and at the bound itself."""

    is_below: bool
    holds_at_bound: bool

    def loosest(self, bounds: list[Any]) -> Any:
        """Return the bound that decides among several."""
        return max(bounds) if self.is_below else min(bounds)


class _SortedBounds:
    """Sorted bounds, and for each step the rules whose comparison holds there: a prefix or a suffix of the rules."""

    def __init__(self, clauses: Sequence[tuple[_Comparison, Any, Hit]]) -> None:
        self._bounds: list[Any] = sorted({bound for _, bound, _ in clauses})
        at = {bound: 2 * place + 1 for place, bound in enumerate(self._bounds)}
        below = sorted((at[bound] + each.holds_at_bound, hit) for each, bound, hit in clauses if each.is_below)
        above = sorted((at[bound] - each.holds_at_bound, hit) for each, bound, hit in clauses if not each.is_below)
        self._below, self._below_hits = [step for step, _ in below], [hit for _, hit in below]
        self._above, self._above_hits = [step for step, _ in above], [hit for _, hit in above]

    def step(self, subject: Any) -> int:
        """Return the step of a value."""
        return bisect_left(self._bounds, subject) + bisect_right(self._bounds, subject)

    def hits(self, lowest: int, highest: int) -> Sequence[Hit]:
        """Return the rules that the lowest step supports from below, or the highest from above."""
        from_below = self._below_hits[bisect_right(self._below, lowest) :]
        return from_below + self._above_hits[: bisect_left(self._above, highest)]


def _number(value: object) -> object:
    return value if is_number(value) else None


_BELOW, _UP_TO = _Comparison(True, False), _Comparison(True, True)
_ABOVE, _FROM = _Comparison(False, False), _Comparison(False, True)

_COMPARISONS: dict[str, _Comparison] = {
    **dict.fromkeys((Operator.LT, Operator.BEFORE, Operator.SEMVER_LT), _BELOW),
    **dict.fromkeys((Operator.LTE, Operator.SEMVER_LTE), _UP_TO),
    **dict.fromkeys((Operator.GT, Operator.AFTER, Operator.SEMVER_GT), _ABOVE),
    **dict.fromkeys((Operator.GTE, Operator.SEMVER_GTE), _FROM),
}

_NUMBERS = ("numbers", lambda attribute: _Ordered(attribute, _number))
_INSTANTS = ("instants", lambda attribute: _Ordered(attribute, instants.parse))
_VERSIONS = ("versions", lambda attribute: _Ordered(attribute, semver.parse))

_TABLES: dict[str, tuple[str, Callable[[str], Table]]] = {
    Operator.IN: ("equal", _Equal),
    Operator.STARTS_WITH: ("beginnings", lambda attribute: _Affix(attribute, _beginning)),
    Operator.ENDS_WITH: ("endings", lambda attribute: _Affix(attribute, _ending)),
    **dict.fromkeys((Operator.LT, Operator.LTE, Operator.GT, Operator.GTE), _NUMBERS),
    **dict.fromkeys((Operator.BEFORE, Operator.AFTER), _INSTANTS),
    **dict.fromkeys((Operator.SEMVER_LT, Operator.SEMVER_LTE, Operator.SEMVER_GT, Operator.SEMVER_GTE), _VERSIONS),
}


def table_of(clause: WireClause) -> tuple[str, Callable[[str], Table]] | None:
    """Return the name of the table for a clause and its constructor; None if there is no such table."""
    return _TABLES.get(clause.op)
