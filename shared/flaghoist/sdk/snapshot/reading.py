"""Which attributes and segments a flag reads, according to its wire form: the inputs that can change its answer."""

from collections.abc import Iterable, Iterator

from flaghoist.model.flags import TARGETING_KEY, Operator
from flaghoist.snapshot.wire import NOT_CONSTANT, WireClause, WireFlag, WireSegment


def attributes_of(flag: WireFlag) -> frozenset[str]:
    """Return the names of the attributes that can change the flag's answer."""
    if flag.constant != NOT_CONSTANT:
        return frozenset()
    names = {serve.by for serve in (flag.fallthrough, *(rule.serve for rule in flag.rules)) if serve.by}
    if flag.targets or flag.claim:
        names.add(TARGETING_KEY)
    return frozenset(names | {name for rule in flag.rules for name in _attributes(rule.clauses)})


def attributes_of_segment(segment: WireSegment) -> frozenset[str]:
    """Return the names of the attributes that can change who is in the segment."""
    named = {name for clauses in segment.rules for name in _attributes(clauses)}
    return frozenset({*named, TARGETING_KEY} if segment.included or segment.excluded else named)


def segments_of(flag: WireFlag) -> Iterator[str]:
    """Yield the keys of the segments that the flag's rules name."""
    return _segments(clause for rule in flag.rules for clause in rule.clauses)


def segments_of_segment(segment: WireSegment) -> Iterator[str]:
    """Yield the keys of the segments that a segment's rules name."""
    return _segments(clause for clauses in segment.rules for clause in clauses)


def _attributes(clauses: Iterable[WireClause]) -> Iterator[str]:
    return (clause.attribute for clause in clauses if clause.attribute)


def _segments(clauses: Iterable[WireClause]) -> Iterator[str]:
    return (str(key) for clause in clauses if clause.op == Operator.IN_SEGMENT for key in clause.values)
