"""Limits of a whole environment."""

from flaghoist.limits import FLAGS, GROUPS, LIST_KEYS_TOTAL, SEGMENTS
from flaghoist.model.flags import FlagSet
from flaghoist.text.json_paths import ROOT, member
from flaghoist.validation.parts.faults import Faults


def check_totals(flagset: FlagSet, faults: Faults, path: str | None = None) -> None:
    """Record the limits that ``flagset`` exceeds, at ``path`` if given, else at the list concerned."""
    faults.check_limit(FLAGS, len(flagset.flags), path or member(ROOT, "flags"))
    faults.check_limit(SEGMENTS, len(flagset.segments), path or member(ROOT, "segments"))
    faults.check_limit(GROUPS, len(flagset.groups), path or member(ROOT, "groups"))
    faults.check_limit(LIST_KEYS_TOTAL, list_keys(flagset), path or ROOT)


def list_keys(flagset: FlagSet) -> int:
    """Return the number of entries in all lists of targets and segments."""
    of_flags = sum(len(target.keys) for flag in flagset.flags.values() for target in flag.targets)
    return of_flags + sum(len(item.included) + len(item.excluded) for item in flagset.segments.values())
