"""Find flags that depend on attributes of the edge: a direct request to an origin may give another answer."""

from collections.abc import Iterable

from flaghoist.model.clauses import attributes_read, segments_read
from flaghoist.model.context import EDGE, EDGE_PREFIX
from flaghoist.model.flags import Clause, Flag, FlagSet, Rollout, Segment


def edge_readers(flagset: FlagSet) -> frozenset[str]:
    """Return the keys of the flags that read ``edge.*``: themselves, through a segment, or through a prerequisite."""
    segments = _closure(
        {segment.key for segment in flagset.segments.values() if _clauses_read(_segment_clauses(segment))},
        {segment.key: _named_segments(_segment_clauses(segment)) for segment in flagset.segments.values()},
    )
    direct = {flag.key for flag in flagset.flags.values() if _flag_reads(flag, segments)}
    needs = {flag.key: {needed.flag for needed in flag.prerequisites} for flag in flagset.flags.values()}
    return frozenset(_closure(direct, needs))


def _closure(found: set[str], uses: dict[str, set[str]]) -> set[str]:
    """Return ``found`` and everything that uses any of it, directly or indirectly."""
    while True:
        more = {name for name, used in uses.items() if name not in found and used & found}
        if not more:
            return found
        found = found | more


def _flag_reads(flag: Flag, segments: set[str]) -> bool:
    clauses = [clause for rule in flag.rules for clause in rule.clauses]
    draws = [serve.rollout for serve in (flag.fallthrough, *(rule.serve for rule in flag.rules)) if serve.rollout]
    return _clauses_read(clauses) or bool(_named_segments(clauses) & segments) or _drawn_by_edge(draws)


def _drawn_by_edge(draws: Iterable[Rollout]) -> bool:
    return any(_is_of_edge(draw.by) for draw in draws)


def _clauses_read(clauses: Iterable[Clause]) -> bool:
    return any(map(_is_of_edge, attributes_read(clauses)))


def _is_of_edge(attribute: str) -> bool:
    return attribute == EDGE or attribute.startswith(EDGE_PREFIX)


def _segment_clauses(segment: Segment) -> list[Clause]:
    return [clause for clauses in segment.rules for clause in clauses]


def _named_segments(clauses: Iterable[Clause]) -> set[str]:
    return set(segments_read(clauses))
