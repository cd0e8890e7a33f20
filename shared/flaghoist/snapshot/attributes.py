"""Which context attributes a flag or segment reads: only these affect an ETag."""

from collections.abc import Iterable

from flaghoist.model.flags import TARGETING_KEY, Clause, Flag, Rollout, Segment


def flag_attributes(flag: Flag) -> frozenset[str]:
    """Return the names of the attributes that can change the flag's answer."""
    if not flag.on:
        return frozenset()
    serves = [rule.serve for rule in flag.rules] + [flag.fallthrough]
    names = {serve.rollout.by for serve in serves if isinstance(serve.rollout, Rollout)}
    if flag.targets or flag.group:
        names.add(TARGETING_KEY)
    return frozenset(names).union(*(clause_attributes(rule.clauses) for rule in flag.rules))


def segment_attributes(segment: Segment) -> frozenset[str]:
    """Return the names of the attributes that can change who is in the segment."""
    names = {TARGETING_KEY} if segment.included or segment.excluded else set()
    return frozenset(names).union(*(clause_attributes(clauses) for clauses in segment.rules))


def clause_attributes(clauses: Iterable[Clause]) -> frozenset[str]:
    """Return the attributes that clauses name; ``in_segment`` names none of its own."""
    return frozenset(clause.attribute for clause in clauses if clause.attribute)
