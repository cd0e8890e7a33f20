"""Flag files: the JSON of a whole environment (``flags``, ``segments`` and ``groups``), as people keep it."""

import sys
from pathlib import Path

import msgspec

from flaghoist.errors import Fault, InputError
from flaghoist.limits import SNAPSHOT_BODY_BYTES
from flaghoist.model.flags import Flag, FlagSet, Group, Segment
from flaghoist.text import strict_json
from flaghoist.validation import read_snapshot, validate
from flaghoist_cli.terminal.failure import CommandFailed

STANDARD_STREAM = "-"


class FlagFile(msgspec.Struct, frozen=True):
    """The lists of a flag file, each sorted by key."""

    flags: tuple[Flag, ...]
    segments: tuple[Segment, ...]
    groups: tuple[Group, ...]


def read_file(path: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``; raise CommandFailed if it cannot be read."""
    if path == STANDARD_STREAM:
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandFailed(
            f"{path} cannot be read ({error.strerror}): name an existing file, or - for standard input"
        ) from error


def read_flag_set(path: str) -> FlagSet:
    """Return the valid flag set in a flag file; InputError names every fault, its path preceded by the file's name."""
    try:
        flagset = parse_flag_set(read_file(path))
        validate(flagset)
    except InputError as error:
        raise InputError(*(Fault(f"{path}: {fault.path}", fault.detail) for fault in error.faults)) from error
    return flagset


def parse_flag_set(data: bytes) -> FlagSet:
    """Return the flag set in ``data``, each document checked alone; raise InputError for malformed ones."""
    return read_snapshot(strict_json.decode(data, max_bytes=SNAPSHOT_BODY_BYTES))


def encode_flag_set(flagset: FlagSet) -> bytes:
    """Return a flag set as the body of a snapshot write."""
    return msgspec.json.encode(_lists(flagset))


def render_flag_set(flagset: FlagSet) -> str:
    """Return a flag set as indented JSON, sorted by key, so that two exports can be compared line by line."""
    return msgspec.json.format(encode_flag_set(flagset), indent=2).decode() + "\n"


def merged(base: FlagSet, added: FlagSet) -> FlagSet:
    """Return ``base`` with the entities of ``added``, which replace those with the same key."""
    return FlagSet(
        flags={**base.flags, **added.flags},
        segments={**base.segments, **added.segments},
        groups={**base.groups, **added.groups},
    )


def _lists(flagset: FlagSet) -> FlagFile:
    return FlagFile(
        flags=tuple(flagset.flags[key] for key in sorted(flagset.flags)),
        segments=tuple(flagset.segments[key] for key in sorted(flagset.segments)),
        groups=tuple(flagset.groups[key] for key in sorted(flagset.groups)),
    )
