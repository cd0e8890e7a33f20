"""References between flags, segments and groups: each must lead to something that exists."""

from collections.abc import Iterator

from flaghoist.model.clauses import segment_references
from flaghoist.model.flags import Clause, Flag, FlagSet, Segment
from flaghoist.text.json_paths import element, member
from flaghoist.validation.parts.faults import Faults
from flaghoist.validation.parts.names import check_variation_exists

Reference = tuple[str, str]
"""The path of a reference, and the key that it names."""


def segments_in_flag(flag: Flag, path: str) -> Iterator[Reference]:
    """Yield the segments that the rules of ``flag`` name."""
    for index, rule in enumerate(flag.rules):
        yield from _segments_in_clauses(rule.clauses, f"{path}.rules[{index}].clauses")


def segments_in_segment(segment: Segment, path: str) -> Iterator[Reference]:
    """Yield the segments that the rules of ``segment`` name."""
    for index, clauses in enumerate(segment.rules):
        yield from _segments_in_clauses(clauses, f"{path}.rules[{index}]")


def _segments_in_clauses(clauses: tuple[Clause, ...], path: str) -> Iterator[Reference]:
    for index, clause in enumerate(clauses):
        for position, key in segment_references(clause):
            yield f"{path}[{index}].values[{position}]", key


def check_flag_references(flag: Flag, flagset: FlagSet, path: str, faults: Faults) -> None:
    """Record the names in ``flag`` that ``flagset`` does not have."""
    for index, prerequisite in enumerate(flag.prerequisites):
        here = element(member(path, "prerequisites"), index)
        other = flag if prerequisite.flag == flag.key else flagset.flags.get(prerequisite.flag)
        if other is None:
            faults.add_fault(member(here, "flag"), _missing("flag", prerequisite.flag))
            continue
        for position, variation in enumerate(prerequisite.variations):
            check_variation_exists(other, variation, element(member(here, "variations"), position), faults)
    _check_segments(segments_in_flag(flag, path), flagset, faults)
    if flag.group is not None and flag.group.key not in flagset.groups:
        faults.add_fault(f"{path}.group.key", _missing("group", flag.group.key))


def check_segment_references(segment: Segment, flagset: FlagSet, path: str, faults: Faults) -> None:
    """Record the segments in ``segment`` that ``flagset`` does not have."""
    _check_segments(segments_in_segment(segment, path), flagset, faults)


def check_dependents(flag: Flag, flagset: FlagSet, path: str, faults: Faults) -> None:
    """Record the variations that other flags require of ``flag`` and that it no longer has."""
    for other in flagset.flags.values():
        required = {name for item in other.prerequisites if item.flag == flag.key for name in item.variations}
        for name in sorted(required.difference(flag.variations)):
            detail = f"flag '{other.key}' requires variation '{name}': keep it, or change that flag first"
            faults.add_fault(member(path, "variations"), detail)


def _check_segments(references: Iterator[Reference], flagset: FlagSet, faults: Faults) -> None:
    for path, key in references:
        if key not in flagset.segments:
            faults.add_fault(path, _missing("segment", key))


def _missing(kind: str, key: str) -> str:
    return f"{kind} '{key[:128]}' does not exist: create it first, or remove what names it"
