"""Tables of clauses at their edges: bounds that nobody can meet, and more distinct values than are kept."""

import pytest

from flaghoist.bulk import tables
from flaghoist.snapshot.wire import WireClause


def a_table(*clauses: WireClause) -> tables.Table:
    found = tables.table_of(clauses[0])
    assert found is not None
    table = found[1]("version")
    for place, clause in enumerate(clauses):
        table.add_clause(clause, (place, 1))
    return table


def at_least(*versions: str) -> WireClause:
    return WireClause("semver_gte", "version", versions)


def test_ordered__bound_that_is_no_version__supports_nothing() -> None:
    table = a_table(at_least("1.0.0"), at_least("no version"))
    assert list(table.hits(table.key("2.0.0"))) == [(0, 1)]


def test_ordered__many_distinct_values__are_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_KEPT_KEYS", 3)
    table = a_table(at_least("5.0.0"))
    found = [bool(list(table.hits(table.key(f"{major}.0.0")))) for major in (*range(10), *range(10))]
    assert found == [*[False] * 5, *[True] * 5] * 2
