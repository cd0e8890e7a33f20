"""Validate a whole set, or one change to a valid set."""

import msgspec

from flaghoist.model.flags import Flag, FlagSet, Group, Segment
from flaghoist.text.json_paths import ROOT, element
from flaghoist.validation.documents.flags import check_own
from flaghoist.validation.documents.segments import check_own_group, check_own_segment
from flaghoist.validation.parts.faults import Faults
from flaghoist.validation.sets import cycles
from flaghoist.validation.sets.ranges import check_ranges
from flaghoist.validation.sets.references import check_dependents, check_flag_references, check_segment_references
from flaghoist.validation.sets.totals import check_totals

PREREQUISITES, USED_SEGMENTS = "prerequisites", "segments that use segments"


def validate(flagset: FlagSet) -> None:
    """Raise InputError with the faults of the whole set; paths number its entities in the order of its mappings."""
    faults = Faults()
    flag_paths = {key: element("$.flags", index) for index, key in enumerate(flagset.flags)}
    segment_paths = {key: element("$.segments", index) for index, key in enumerate(flagset.segments)}
    check_totals(flagset, faults)
    for key, flag in flagset.flags.items():
        check_own(flag, flag_paths[key], faults)
        check_flag_references(flag, flagset, flag_paths[key], faults)
    for key, segment in flagset.segments.items():
        check_own_segment(segment, segment_paths[key], faults)
        check_segment_references(segment, flagset, segment_paths[key], faults)
    for index, group in enumerate(flagset.groups.values()):
        check_own_group(group, element("$.groups", index), faults)
    cycles.check_graph(cycles.flag_graph(flagset.flags), PREREQUISITES, flag_paths, faults)
    cycles.check_graph(cycles.segment_graph(flagset.segments), USED_SEGMENTS, segment_paths, faults)
    check_ranges(flagset.flags.values(), flag_paths, faults)
    faults.raise_any()


def check_flag(flag: Flag, flagset: FlagSet, path: str = ROOT) -> None:
    """Raise InputError with the faults that ``flag`` causes in ``flagset``, a valid set with its old state or none."""
    changed = msgspec.structs.replace(flagset, flags={**flagset.flags, flag.key: flag})
    faults = Faults()
    check_own(flag, path, faults)
    check_flag_references(flag, changed, path, faults)
    check_dependents(flag, changed, path, faults)
    if flag.prerequisites:
        cycles.check_graph(cycles.flag_graph(changed.flags), PREREQUISITES, {flag.key: path}, faults)
    if flag.group is not None and not flag.archived:
        check_ranges(changed.flags.values(), {flag.key: path}, faults)
    check_totals(changed, faults, path)
    faults.raise_any()


def check_segment(segment: Segment, flagset: FlagSet, path: str = ROOT) -> None:
    """Raise InputError with the faults that ``segment`` causes in ``flagset``, a valid set."""
    changed = msgspec.structs.replace(flagset, segments={**flagset.segments, segment.key: segment})
    faults = Faults()
    check_own_segment(segment, path, faults)
    check_segment_references(segment, changed, path, faults)
    cycles.check_graph(cycles.segment_graph(changed.segments), USED_SEGMENTS, {segment.key: path}, faults)
    check_totals(changed, faults, path)
    faults.raise_any()


def check_group(group: Group, flagset: FlagSet, path: str = ROOT) -> None:
    """Raise InputError with the faults that ``group`` causes in ``flagset``, a valid set."""
    faults = Faults()
    check_own_group(group, path, faults)
    changed = msgspec.structs.replace(flagset, groups={**flagset.groups, group.key: group})
    check_totals(changed, faults, path)
    faults.raise_any()
