"""Decide the rules of many flags together, as one set of bits: what the values of a context refute is taken out.

Every flag with rules is one byte, every rule a bit of it, the first rule the lowest. A clause that looks up its value
(equality, order, beginnings and endings) lives in a table: the table knows per value which rules it supports. Any
other clause is worked out once, however many rules share it. A rule holds when its bit is left at the end.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from shared.bulk.tables import Hit, Table, table_of
from shared.engine.clauses import compile_clause
from shared.engine.evaluation import Evaluation, Truth
from shared.snapshot.wire import WireClause

NO_RULE = 8
"""The code of a flag of which no rule holds; other codes are the number of the first rule that does."""

KEPT_BYTES = 2 * 1024 * 1024
"""Bound of the sets that are kept per value, so that an attribute with a million values fills no isolate."""

LEAST_KEPT = 16
"""So many sets are kept however large they are."""

_FIRST_BIT = bytes([NO_RULE, *((byte & -byte).bit_length() - 1 for byte in range(1, 256))])
_ORDER: Literal["little"] = "little"


class Conditions:
    """The rules of the flags that were added, in their order."""

    def __init__(self) -> None:
        self._rules = bytearray()
        self._tables: dict[tuple[str, str], Table] = {}
        self._others: dict[bytes, tuple[Truth, list[Hit]]] = {}
        self._all = 0
        self._bases: list[tuple[Table, int]] = []
        self._kept: dict[tuple[int, object], int] = {}
        self._most_kept = 0

    def add(self, rules: Sequence[Sequence[WireClause]]) -> None:
        """Add the rules of one more flag, at most eight."""
        place = len(self._rules)
        self._rules.append((1 << len(rules)) - 1)
        for number, clauses in enumerate(rules):
            hit = (place, 1 << number)
            taken: set[tuple[str, str]] = set()
            for clause in clauses:
                self._add_clause(clause, hit, taken)

    def _add_clause(self, clause: WireClause, hit: Hit, taken: set[tuple[str, str]]) -> None:
        """Add the clause to its table, which takes one of each rule: it cannot tell two of a rule apart."""
        kind = None if clause.negate else table_of(clause)
        name = (clause.attribute, kind[0] if kind else "")
        if kind is None or name in taken:
            self._add_other(clause, hit)
            return
        taken.add(name)
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = kind[1](clause.attribute)
        table.add(clause, hit)

    def _add_other(self, clause: WireClause, hit: Hit) -> None:
        key = msgspec.msgpack.encode(clause)
        known = self._others.get(key)
        if known is None:
            known = self._others[key] = (compile_clause(clause), [])
        known[1].append(hit)

    def finish(self, share: int = 1) -> None:
        """Work out what evaluation needs, once all flags are added; kept sets take one ``share``-th of the bound."""
        self._all = int.from_bytes(self._rules, _ORDER)
        self._bases = [(table, self._all & ~_bits(table.touched, len(self._rules))) for table in self._tables.values()]
        self._most_kept = max(LEAST_KEPT, KEPT_BYTES // share // (len(self._rules) + 64))

    def codes(self, evaluation: Evaluation) -> bytes:
        """Return one code per flag: the number of its first rule that holds, or `NO_RULE`."""
        left = self._all
        kept = self._kept
        context = evaluation.context
        for number, (table, base) in enumerate(self._bases):
            name = table.attribute
            key = table.key(context.get(name) if name in context else evaluation.attribute(name))
            if key is None:
                left &= base
                continue
            supported = kept.get((number, key))
            left &= self._support(number, table, base, key) if supported is None else supported
        size = len(self._rules)
        refuted = [hit for truth, hits in self._others.values() if not truth(evaluation) for hit in hits]
        if refuted:
            left &= ~_bits(refuted, size)
        return left.to_bytes(size, _ORDER).translate(_FIRST_BIT)

    def _support(self, number: int, table: Table, base: int, key: object) -> int:
        if len(self._kept) >= self._most_kept:
            self._kept.clear()
        supported = base | _bits(table.hits(key), len(self._rules))
        self._kept[number, key] = supported
        return supported


def _bits(hits: Sequence[Hit], size: int) -> int:
    """Return hits as one set of bits, in time linear in both."""
    pieces = bytearray(size)
    for place, bit in hits:
        pieces[place] |= bit
    return int.from_bytes(pieces, _ORDER)
