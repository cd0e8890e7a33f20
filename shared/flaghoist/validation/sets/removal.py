"""What may be removed: only what nothing else refers to."""

from collections.abc import Iterable

from flaghoist.errors import Conflict
from flaghoist.model.flags import FlagSet
from flaghoist.validation.parts.names import choices
from flaghoist.validation.sets.references import segments_in_flag, segments_in_segment


def check_flag_unused(key: str, flagset: FlagSet) -> None:
    """Raise Conflict if a flag requires the flag ``key``."""
    users = [flag.key for flag in flagset.flags.values() if any(item.flag == key for item in flag.prerequisites)]
    _refuse("flag", key, (("flags", users),), "take it out of their prerequisites first")


def check_segment_unused(key: str, flagset: FlagSet) -> None:
    """Raise Conflict if a flag or segment names the segment ``key``."""
    flags = [item.key for item in flagset.flags.values() if _names(key, segments_in_flag(item, ""))]
    segments = [item.key for item in flagset.segments.values() if _names(key, segments_in_segment(item, ""))]
    _refuse("segment", key, (("flags", flags), ("segments", segments)), "take it out of their clauses first")


def check_group_unused(key: str, flagset: FlagSet) -> None:
    """Raise Conflict if a flag, archived or not, claims a range of the group ``key``."""
    users = [flag.key for flag in flagset.flags.values() if flag.group is not None and flag.group.key == key]
    _refuse("group", key, (("flags", users),), "take it out of them first")


def _names(key: str, references: Iterable[tuple[str, str]]) -> bool:
    return any(name == key for _, name in references)


def _refuse(kind: str, key: str, users: Iterable[tuple[str, list[str]]], remedy: str) -> None:
    shown = " and ".join(f"the {kinds} {choices(names)}" for kinds, names in users if names)
    if shown:
        raise Conflict(f"{kind} '{key}' is used by {shown}: {remedy}")
