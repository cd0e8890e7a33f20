"""The content of a shard: MessagePack arrays in which everything that concerns one flag alone is precomputed.

Fields are positional (``array_like``): new ones go last, with a default. Variations are named by their index. Units are
sealed (see `flaghoist.snapshot.sealing`); lists of them are one sorted run of 8-byte entries.
"""

from collections.abc import Callable

import msgspec

NOT_CONSTANT = -1
A_ROLLOUT = -1
A_MIXED_ROLLOUT = -2
IN_SEALED = "in_sealed"


class _Wire(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Positional, immutable, and never part of a reference cycle."""


class WireServe(_Wire, frozen=True):
    """One variation, or a draw among ``choices`` with cumulative ``bounds``.

    A draw has `A_ROLLOUT` in place of a variation, or `A_MIXED_ROLLOUT` where its algorithm is ``mix``.
    """

    variation: int
    by: str = ""
    prefix: str = ""
    bounds: tuple[int, ...] = ()
    choices: tuple[int, ...] = ()


class WireClause(_Wire, frozen=True):
    """A clause; ``op`` is an `Operator`, or `IN_SEALED`, which has a ``run`` of sealed scalars in place of values."""

    op: str
    attribute: str
    values: tuple[bool | int | float | str, ...]
    negate: bool = False
    run: bytes = b""


class WireRule(_Wire, frozen=True):
    """A rule with its id, for the metadata of the answer."""

    id: str
    clauses: tuple[WireClause, ...]
    serve: WireServe


class WirePrerequisite(_Wire, frozen=True):
    """Another flag, and the names of its variations that satisfy the prerequisite."""

    flag: str
    variations: tuple[str, ...]


class WireTarget(_Wire, frozen=True):
    """A variation and the sealed units that get it."""

    variation: int
    units: bytes


class WireClaim(_Wire, frozen=True):
    """The flag's half-open range in a group; ``prefix`` is that of the group's draw."""

    group: str
    prefix: str
    low: int
    high: int


class WireFlag(_Wire, frozen=True):
    """One live flag. If ``constant`` is a variation, ``reason`` is known and nothing else is read."""

    key: str
    version: int
    client_visible: bool
    strong: bool
    sticky: bool
    names: tuple[str, ...]
    values: tuple[bytes, ...]
    off: int
    constant: int
    reason: str
    fallthrough: WireServe
    prerequisites: tuple[WirePrerequisite, ...] = ()
    claim: WireClaim | None = None
    targets: tuple[WireTarget, ...] = ()
    rules: tuple[WireRule, ...] = ()


class WireSegment(_Wire, frozen=True):
    """One segment with its sealed lists."""

    key: str
    included: bytes
    excluded: bytes
    rules: tuple[tuple[WireClause, ...], ...]


decode_flags: Callable[[bytes], tuple[WireFlag, ...]] = msgspec.msgpack.Decoder(tuple[WireFlag, ...]).decode
"""Returns the flags of a shard's bytes; raises msgspec.MsgspecError."""

decode_segments: Callable[[bytes], tuple[WireSegment, ...]] = msgspec.msgpack.Decoder(tuple[WireSegment, ...]).decode
"""Returns the segments of a shard's bytes; raises msgspec.MsgspecError."""
