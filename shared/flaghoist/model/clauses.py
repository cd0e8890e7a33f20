"""What clauses read: attributes of the context, and segments. Documents and their wire forms read alike."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from flaghoist.model.flags import Operator, Scalar


class ReadingClause(Protocol):
    """A clause in a document or in its wire form."""

    @property
    def op(self) -> str:
        """The name of the operator."""

    @property
    def attribute(self) -> str:
        """The attribute's name, empty for ``in_segment``."""

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The values; for ``in_segment`` keys of segments."""


def attributes_read(clauses: Iterable[ReadingClause]) -> Iterator[str]:
    """Yield the names of the attributes that clauses read."""
    return (clause.attribute for clause in clauses if clause.attribute)


def segments_read(clauses: Iterable[ReadingClause]) -> Iterator[str]:
    """Yield the keys of the segments that clauses read."""
    return (key for clause in clauses for _, key in segment_references(clause))


def segment_references(clause: ReadingClause) -> Iterator[tuple[int, str]]:
    """Yield the segments that a clause reads: the position among its values, and the key; other values are left out."""
    if clause.op == Operator.IN_SEGMENT:
        yield from ((place, key) for place, key in enumerate(clause.values) if isinstance(key, str))
