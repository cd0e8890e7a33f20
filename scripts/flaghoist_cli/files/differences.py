"""The differences between two flag sets: which flags, segments and groups differ, and in which members."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from flaghoist.model.flags import Flag, FlagSet, Group, Segment

Kind = Literal["flag", "segment", "group"]
Change = Literal["added", "removed", "changed"]

COUNTED_BY_THE_ORIGIN = frozenset({"version"})
_ABSENT = msgspec.UNSET


class MemberChange(msgspec.Struct, frozen=True):
    """One member that differs: its path inside the document, and its JSON before and after ("" if absent)."""

    path: str
    before: str
    after: str


class Difference(msgspec.Struct, frozen=True):
    """One document that differs; ``members`` is empty if it was added or removed as a whole."""

    kind: Kind
    key: str
    change: Change
    members: tuple[MemberChange, ...] = ()


def compare(before: FlagSet, after: FlagSet) -> tuple[Difference, ...]:
    """Return the changes from ``before`` to ``after``, groups and segments first, each sorted by key.

    An empty salt in ``after`` is not a difference: the origin keeps the present salt. Versions are not compared.
    """
    return (
        *_compare("group", before.groups, after.groups),
        *_compare("segment", before.segments, after.segments),
        *_compare("flag", before.flags, after.flags),
    )


def _compare(
    kind: Kind, before: Mapping[str, Flag | Segment | Group], after: Mapping[str, Flag | Segment | Group]
) -> Iterator[Difference]:
    for key in sorted({*before, *after}):
        if key not in before:
            yield Difference(kind, key, "added")
        elif key not in after:
            yield Difference(kind, key, "removed")
        else:
            members = tuple(_members(_tree(before[key]), _tree(after[key]), ""))
            kept = tuple(member for member in members if not (member.path == "salt" and member.after == '""'))
            if kept:
                yield Difference(kind, key, "changed", kept)


def _tree(document: Flag | Segment | Group) -> dict[str, object]:
    tree = msgspec.to_builtins(document)
    return {name: value for name, value in tree.items() if name not in COUNTED_BY_THE_ORIGIN}


def _members(before: object, after: object, path: str) -> Iterator[MemberChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            inner = f"{path}.{name}" if path else str(name)
            yield from _members(before.get(name, _ABSENT), after.get(name, _ABSENT), inner)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _members(one, other, f"{path}[{index}]")
    elif _json(before) != _json(after):
        yield MemberChange(path, _json(before), _json(after))


def _json(value: object) -> str:
    return "" if value is _ABSENT else msgspec.json.encode(value).decode()
