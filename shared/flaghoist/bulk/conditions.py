"""Decide the rules of many flags together as one set of bits: start with all, remove what the context refutes.

Every flag with rules is one byte and every rule one bit of it, the first rule the lowest. A clause that looks up its
value (equality, order, prefix, suffix) is in a table, which knows for each value which rules it supports. Any other
clause is evaluated once, however many rules share it. A rule holds if its bit is left at the end.

The flags of a snapshot are in a few groups of slices: a change rebuilds one group, not all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from flaghoist.bulk.layout import NO_RULE, RULED, Slice
from flaghoist.bulk.tables import Hit, Table, table_of
from flaghoist.model.flags import JsonValue
from flaghoist.rules.clauses import compile_clause
from flaghoist.rules.evaluation import Evaluation, Truth
from flaghoist.snapshot.wire import WireClause
from flaghoist.steps import Steps

FLAGS_PER_GROUP = 256
"""Each request evaluates every group and each change rebuilds one: this many flags with rules take a few milliseconds.
"""

KEPT_BYTES = 2 * 1024 * 1024
"""Limit of the cached sets per value, so that an attribute with a million values does not fill the isolate."""

LEAST_KEPT = 16
"""This many sets are cached, however large they are."""

BYTES_PER_RULE = 64
"""A clause outside tables that many rules share has its own set, as long as it takes no more than this per rule."""

_FIRST_BIT = bytes([NO_RULE, *((byte & -byte).bit_length() - 1 for byte in range(1, 256))])
_ORDER: Literal["little"] = "little"

_Column = tuple[str, Callable[[JsonValue], object], int, dict[object, int], Table]
"""A table: attribute, the function that reduces a value to a key, rules without a clause here, sets by key, the table.
"""


class RuleConditions:
    """The rules of the flags that were added, in order."""

    def __init__(self) -> None:
        self._rules = bytearray()
        self._tables: dict[tuple[str, str], Table] = {}
        self._others: dict[bytes, tuple[Truth, list[Hit]]] = {}
        self._all = 0
        self._columns: list[_Column] = []
        self._shared: list[tuple[Truth, int]] = []
        self._rare: list[tuple[Truth, list[Hit]]] = []
        self._most_kept = 0
        self._count_kept = 0

    def add_flag(self, rules: Sequence[Sequence[WireClause]]) -> None:
        """Add the rules of one more flag, at most eight."""
        place = len(self._rules)
        self._rules.append((1 << len(rules)) - 1)
        for number, clauses in enumerate(rules):
            hit = (place, 1 << number)
            taken: set[tuple[str, str]] = set()
            for clause in clauses:
                self._add_clause(clause, hit, taken)

    def _add_clause(self, clause: WireClause, hit: Hit, taken: set[tuple[str, str]]) -> None:
        """Add the clause to its table, which holds one clause per rule: it cannot tell two clauses of a rule apart."""
        kind = None if clause.negate else table_of(clause)
        name = (clause.attribute, kind[0] if kind else "")
        if kind is None or name in taken:
            self._add_other(clause, hit)
            return
        taken.add(name)
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = kind[1](clause.attribute)
        table.add_clause(clause, hit)

    def _add_other(self, clause: WireClause, hit: Hit) -> None:
        key = msgspec.msgpack.encode(clause)
        known = self._others.get(key)
        if known is None:
            known = self._others[key] = (compile_clause(clause), [])
        known[1].append(hit)

    def finish(self, share: int = 1) -> None:
        """Compute what evaluation needs once all flags are added; cached sets may use a ``share``-th of the limit."""
        size = len(self._rules)
        self._all = int.from_bytes(self._rules, _ORDER)
        for table in self._tables.values():
            base = self._all & ~_bits(table.touched, size)
            self._columns.append((table.attribute, table.key, base, {}, table))
        for truth, hits in self._others.values():
            if len(hits) * BYTES_PER_RULE >= size:
                self._shared.append((truth, ~_bits(hits, size)))
            else:
                self._rare.append((truth, hits))
        self._most_kept = max(LEAST_KEPT, KEPT_BYTES // share // (size + 64))

    def codes(self, evaluation: Evaluation) -> bytes:
        """Return one code per flag: the number of its first matching rule, or `NO_RULE`."""
        left = self._all
        context = evaluation.context
        for name, key_of, base, kept, table in self._columns:
            key = key_of(context[name] if name in context else evaluation.attribute(name))
            if key is None:
                left &= base
                continue
            supported = kept.get(key)
            left &= self._support(kept, base, table, key) if supported is None else supported
        if self._others:
            left &= self._unrefuted(evaluation)
        return left.to_bytes(len(self._rules), _ORDER).translate(_FIRST_BIT)

    def _support(self, kept: dict[object, int], base: int, table: Table, key: object) -> int:
        if self._count_kept >= self._most_kept:
            self._count_kept = 0
            for _, _, _, each, _ in self._columns:
                each.clear()
        self._count_kept += 1
        supported = kept[key] = base | _bits(table.hits(key), len(self._rules))
        return supported

    def _unrefuted(self, evaluation: Evaluation) -> int:
        left = -1
        for truth, others in self._shared:
            if not truth(evaluation):
                left &= others
        refuted = [hit for truth, hits in self._rare if not truth(evaluation) for hit in hits]
        return left & ~_bits(refuted, len(self._rules)) if refuted else left


def _bits(hits: Sequence[Hit], size: int) -> int:
    """Return hits as one set of bits, in linear time."""
    pieces = bytearray(size)
    for place, bit in hits:
        pieces[place] |= bit
    return int.from_bytes(pieces, _ORDER)


class RuleGroups:
    """The conditions of each group of slices."""

    def __init__(self, groups: Mapping[tuple[Slice, ...], RuleConditions]) -> None:
        self._groups = groups
        self._conditions = tuple(groups.values())

    def get(self, slices: tuple[Slice, ...]) -> RuleConditions | None:
        """Return the conditions of these slices if they are a group."""
        return self._groups.get(slices)

    def codes(self, evaluation: Evaluation) -> bytes:
        """Return one code per flag with rules, in the order of the slices; see `RuleConditions.codes`."""
        if len(self._conditions) == 1:
            return self._conditions[0].codes(evaluation)
        return b"".join([conditions.codes(evaluation) for conditions in self._conditions])


def groups_steps(slices: Sequence[Slice], previous: RuleGroups | None) -> Steps[RuleGroups]:
    """Return the groups of slices; unchanged ones are taken from ``previous``."""
    made: dict[tuple[Slice, ...], RuleConditions] = {}
    groups = _grouped([each for each in slices if RULED in each.places])
    for group in groups:
        conditions = previous.get(group) if previous else None
        made[group] = conditions or (yield from _conditions(group, len(groups)))
    return RuleGroups(made)


def _grouped(slices: Sequence[Slice]) -> list[tuple[Slice, ...]]:
    """Return slices in groups of about the same size, chosen by their number alone, so that groups stay the same."""
    flags = sum(len(each.places[RULED]) for each in slices)
    count = -(-flags // FLAGS_PER_GROUP)
    numbered = groupby(enumerate(slices), key=lambda item: item[0] * count // len(slices))
    return [tuple(each for _, each in group) for _, group in numbered]


def _conditions(group: Sequence[Slice], groups: int) -> Steps[RuleConditions]:
    conditions = RuleConditions()
    for each in group:
        flags = each.of(RULED)
        for flag in flags:
            conditions.add_flag([rule.clauses for rule in flag.rules])
        yield 2 * len(flags)
    conditions.finish(groups)
    yield len(group)
    return conditions
