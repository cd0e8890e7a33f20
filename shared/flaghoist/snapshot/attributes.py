"""Which context attributes and segments a flag or segment reads, by its wire form: the inputs that affect its answer.

Only these attributes affect an ETag.
"""

from collections.abc import Iterator
from itertools import chain

from flaghoist.model.clauses import attributes_read, segments_read
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.snapshot.wire import NOT_CONSTANT, WireFlag, WireSegment


def flag_attributes(flag: WireFlag) -> frozenset[str]:
    """Return the names of the attributes that can change the flag's answer."""
    if flag.constant != NOT_CONSTANT:
        return frozenset()
    names = {serve.by for serve in (flag.fallthrough, *(rule.serve for rule in flag.rules)) if serve.by}
    if flag.targets or flag.claim:
        names.add(TARGETING_KEY)
    return frozenset(names.union(*(attributes_read(rule.clauses) for rule in flag.rules)))


def segment_attributes(segment: WireSegment) -> frozenset[str]:
    """Return the names of the attributes that can change who is in the segment."""
    names = {TARGETING_KEY} if segment.included or segment.excluded else set[str]()
    return frozenset(names.union(*(attributes_read(clauses) for clauses in segment.rules)))


def segments_of_flag(flag: WireFlag) -> Iterator[str]:
    """Yield the keys of the segments that the flag's rules name."""
    return segments_read(chain.from_iterable(rule.clauses for rule in flag.rules))


def segments_of_segment(segment: WireSegment) -> Iterator[str]:
    """Yield the keys of the segments that a segment's rules name."""
    return segments_read(chain.from_iterable(segment.rules))
