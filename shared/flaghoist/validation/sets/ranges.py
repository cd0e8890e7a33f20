"""Ranges of groups: the ranges of live flags in one group must not overlap."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from flaghoist.model.flags import Flag
from flaghoist.validation.parts.faults import Faults


def check_ranges(flags: Iterable[Flag], paths: Mapping[str, str], faults: Faults) -> None:
    """Record overlapping claims of ``flags``; ``paths`` gives the paths of the documents to report."""
    claims: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for flag in flags:
        if flag.group is not None and not flag.archived and flag.group.range[0] < flag.group.range[1]:
            claims[flag.group.key].append((*flag.group.range, flag.key))
    for group, claimed in claims.items():
        claimed.sort()
        _check_sorted(group, claimed, paths, faults)


def _check_sorted(group: str, claimed: list[tuple[int, int, str]], paths: Mapping[str, str], faults: Faults) -> None:
    """Record each claim that begins before an earlier one ends."""
    widest = claimed[0]
    for claim in claimed[1:]:
        if claim[0] < widest[1]:
            low, high, key = claim if claim[2] in paths else widest
            other_low, other_high, other = widest if claim[2] in paths else claim
            if key in paths:
                detail = f"[{low}, {high}) overlaps [{other_low}, {other_high}) of flag '{other}' in group '{group}'"
                faults.add_fault(
                    f"{paths[key]}.group.range", f"{detail}: claim a free range, or archive one of the flags"
                )
        widest = max(widest, claim, key=lambda item: item[1])
