"""Read a pattern into a tree of four kinds of nodes, built from the tree of ``re``: what is checked is what runs.

Sets of characters are masks: one bit for each ASCII character, and four for all others (digits, spaces, other word
characters, the rest). That is coarse but safe: sets that share a character share a bit.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, reduce
from importlib import import_module
from operator import or_
from typing import Any

# Not imported by name: whether type checkers know these two depends on their release.
ops: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

UNBOUNDED = 2**32
"""More repetitions than any subject has characters."""

NEWLINE = 1 << ord("\n")

_ASCII_CHARACTERS = 128
_KINDS = {r"\d": "\u0663", r"\s": "\u2003", r"\w": "\u00fc", "": "\u2014"}
"""The kinds of characters beyond ASCII, by the first category that contains them, each with an example."""

_SAMPLES = [*map(chr, range(_ASCII_CHARACTERS)), *_KINDS.values()]
_ANYTHING = (1 << len(_SAMPLES)) - 1
_NON_ASCII = _ANYTHING ^ ((1 << _ASCII_CHARACTERS) - 1)

_CATEGORIES = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_WORD: r"\W",
}
_STARTS = {ops.AT_BEGINNING, ops.AT_BEGINNING_STRING}


class UnsupportedSyntax(ValueError):
    """The pattern uses syntax that ``re`` knows and Flaghoist rejects; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of ``mask``."""

    mask: int


@dataclass(frozen=True, slots=True)
class Position:
    """A test of the position; ``is_line_end`` for ``$``, which also holds before a last newline."""

    is_start: bool
    is_line_end: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """Between ``low`` and ``high`` times ``body``."""

    low: int
    high: int
    body: "Sequence"

    @property
    def varies(self) -> bool:
        """Return whether the number of repetitions can vary."""
        return self.low < self.high


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of ``branches``."""

    branches: tuple["Sequence", ...]


Node = Characters | Position | Repeat | Alternatives
Sequence = tuple[Node, ...]


def read_structure(text: str) -> Sequence:
    """Return the tree of the pattern ``text``; raises re.error, OverflowError or UnsupportedSyntax."""
    return _sequence(parser.parse(text))


def _sequence(items: Any) -> Sequence:
    nodes: list[Node] = []
    for op, argument in items:
        read = _READERS.get(op)
        if read is None:
            raise UnsupportedSyntax(f"{str(op).lower()} is refused: leave it out")
        nodes.extend(read(argument))
    return tuple(nodes)


def _repeat(argument: Any) -> Sequence:
    low, high, body = argument
    if high == 0:
        return ()
    bound = UNBOUNDED if high is ops.MAXREPEAT else int(high)
    sequence = _sequence(body)
    return sequence if (low, bound) == (1, 1) else (Repeat(int(low), bound, sequence),)


def _set(items: Any) -> int:
    """Return the mask of a set; a negated set excludes a kind beyond ASCII only if it excludes all its characters."""
    is_negated = items[0][0] is ops.NEGATE
    parts = [(op, _SET_READERS[op](argument)) for op, argument in items[is_negated:]]
    if not is_negated:
        return _union(mask for _, mask in parts)
    return _ANYTHING & ~_union(mask if op is ops.CATEGORY else mask & ~_NON_ASCII for op, mask in parts)


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _literal(code: int) -> int:
    if code < _ASCII_CHARACTERS:
        return 1 << code
    kind = next(index for index, category in enumerate(_KINDS) if re.match(category, chr(code)))
    return 1 << (_ASCII_CHARACTERS + kind)


def _all_but(code: int) -> int:
    return _ANYTHING & ~_literal(code) | _NON_ASCII


def _range(bounds: tuple[int, int]) -> int:
    first, last = bounds
    ascii_part = _union(1 << code for code in range(first, min(last, _ASCII_CHARACTERS - 1) + 1))
    return ascii_part | (_NON_ASCII if last >= _ASCII_CHARACTERS else 0)


@cache
def _category(name: Any) -> int:
    return _union(1 << index for index, sample in enumerate(_SAMPLES) if re.match(_CATEGORIES[name], sample))


_SET_READERS: dict[Any, Callable[[Any], int]] = {
    ops.LITERAL: _literal,
    ops.RANGE: _range,
    ops.CATEGORY: _category,
}

_READERS: dict[Any, Callable[[Any], Sequence]] = {
    ops.LITERAL: lambda code: (Characters(_literal(code)),),
    ops.NOT_LITERAL: lambda code: (Characters(_all_but(code)),),
    ops.ANY: lambda _: (Characters(_ANYTHING & ~NEWLINE),),
    ops.IN: lambda items: (Characters(_set(items)),),
    ops.AT: lambda where: (Position(where in _STARTS, where is ops.AT_END),),
    ops.SUBPATTERN: lambda argument: _sequence(argument[3]),
    ops.BRANCH: lambda argument: (Alternatives(tuple(_sequence(branch) for branch in argument[1])),),
    ops.MAX_REPEAT: _repeat,
    ops.MIN_REPEAT: _repeat,
}
