"""Compile clauses and segments: each becomes a closure from an evaluation to a boolean."""

from collections.abc import Callable, Iterable

from flaghoist.model.flags import JsonValue, Operator
from flaghoist.rules.evaluation import Evaluation, Truth
from flaghoist.rules.operators import PREDICATES, Predicate
from flaghoist.snapshot.sealing import membership
from flaghoist.snapshot.wire import IN_SEALED, WireClause, WireSegment


def compile_all(clauses: Iterable[WireClause]) -> Truth:
    """Return the conjunction of clauses; without clauses it is true."""
    truths = tuple(compile_clause(clause) for clause in clauses)
    if len(truths) == 1:
        return truths[0]

    def all_hold(evaluation: Evaluation) -> bool:
        return all(truth(evaluation) for truth in truths)

    return all_hold


def compile_clause(clause: WireClause) -> Truth:
    """Return the closure for one clause."""
    return _COMPILERS.get(clause.op, _compile_predicate)(clause)


def is_sound(clauses: Iterable[WireClause]) -> bool:
    """Return whether compiling the clauses cannot fail, so that it can be postponed."""
    return all(clause.op in _NEVER_FAIL for clause in clauses)


def compile_segment(segment: WireSegment) -> Truth:
    """Return the test whether a context is in the segment: included, else not excluded and any rule holds."""
    included, excluded = membership(segment.included), membership(segment.excluded)
    has_lists = bool(segment.included or segment.excluded)
    rules = tuple(compile_all(clauses) for clauses in segment.rules)

    def contains(evaluation: Evaluation) -> bool:
        sealed = evaluation.sealed_unit() if has_lists else None
        if sealed is not None:
            if included(sealed):
                return True
            if excluded(sealed):
                return False
        return any(rule(evaluation) for rule in rules)

    return contains


def _compile_in_segment(clause: WireClause) -> Truth:
    keys, negate = tuple(str(value) for value in clause.values), clause.negate

    def in_segment(evaluation: Evaluation) -> bool:
        return any(evaluation.in_segment(key) for key in keys) is not negate

    return in_segment


def _compile_exists(clause: WireClause) -> Truth:
    attribute, wanted = clause.attribute, (clause.values[0] is True) is not clause.negate

    def exists(evaluation: Evaluation) -> bool:
        return (evaluation.attribute(attribute) is not None) is wanted

    return exists


def _compile_in_sealed(clause: WireClause) -> Truth:
    listed = membership(clause.run)
    attribute, negate = clause.attribute, clause.negate

    def in_sealed(evaluation: Evaluation) -> bool:
        def matches(value: JsonValue) -> bool:
            return isinstance(value, (str, int, float)) and listed(evaluation.seal(value))

        value = evaluation.attribute(attribute)
        return value is not None and _any_matches(matches, value) is not negate

    return in_sealed


def _compile_predicate(clause: WireClause) -> Truth:
    matches = PREDICATES[clause.op](clause.values)
    attribute, negate = clause.attribute, clause.negate

    def holds(evaluation: Evaluation) -> bool:
        value = evaluation.attribute(attribute)
        return value is not None and _any_matches(matches, value) is not negate

    return holds


def _any_matches(matches: Predicate, value: JsonValue) -> bool:
    if isinstance(value, list):
        return any(element is not None and matches(element) for element in value)
    return matches(value)


_COMPILERS: dict[str, Callable[[WireClause], Truth]] = {
    Operator.IN_SEGMENT: _compile_in_segment,
    Operator.EXISTS: _compile_exists,
    IN_SEALED: _compile_in_sealed,
}
_NEVER_FAIL = frozenset({*PREDICATES, Operator.IN_SEGMENT, IN_SEALED}) - {Operator.MATCHES}
