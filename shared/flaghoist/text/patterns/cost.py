"""Bound the steps of a backtracking search, and reject patterns past the bound.

First, patterns with exponential time are rejected: repetition in repetition, and alternatives in a repetition with a
common beginning. The rest is polynomial and is counted from the end of the pattern to its beginning: a repetition whose
characters can also begin what follows is tried at each of its ends, any other at one end only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_

from flaghoist.limits import PATTERN_CHARACTERS, SUBJECT_CHARACTERS
from flaghoist.text.patterns.structure import (
    NEWLINE,
    UNBOUNDED,
    Alternatives,
    Characters,
    Node,
    Position,
    Repeat,
    Sequence,
)

_LONGEST = SUBJECT_CHARACTERS.value
_LONGEST_EXPANSION = PATTERN_CHARACTERS.value
_MOST_STEPS = 6 * _LONGEST * _LONGEST

_NESTED = "nested repetition is refused: repeat sets like [ab] or texts of a fixed length instead"
_ALIKE = "alternatives in a repetition must begin with different characters: write them apart"
_EMPTY = "a repetition of something that may be empty is refused: leave out what is empty"
_TOO_LONG = f"counted repetitions add up to more than {_LONGEST_EXPANSION} characters: use * or +, or smaller numbers"
_TOO_COSTLY = (
    "too many repetitions that can share characters with what follows them: begin with ^, write [^x]*x instead of .*x,"
    " or use several clauses"
)


def cost_fault(structure: Sequence) -> str | None:
    """Return why the pattern may take too long, with the remedy; None if it cannot."""
    if _width(structure) > _LONGEST_EXPANSION:  # asked first: what follows expands them
        return _TOO_LONG
    fault = next(filter(None, map(_repeat_fault, _repeats(structure))), None)
    if fault is not None:
        return fault
    whole = _before(structure, _END)
    steps = whole.once if _is_anchored(structure) else _LONGEST * whole.mean
    return _TOO_COSTLY if steps > _MOST_STEPS else None


def _repeats(structure: Sequence) -> Iterator[Repeat]:
    """Yield every repetition, outer ones first."""
    for node in structure:
        if isinstance(node, Repeat):
            yield node
            yield from _repeats(node.body)
        elif isinstance(node, Alternatives):
            for branch in node.branches:
                yield from _repeats(branch)


def _repeat_fault(repeat: Repeat) -> str | None:
    """Return why a repetition may take exponential time; an optional part cannot."""
    if repeat.high == 1:
        return None
    if any(inner.varies for inner in _repeats(repeat.body)):
        return _NESTED
    branches = [branch for node in _alternatives(repeat.body) for branch in node.branches]
    if not all(map(_width, [repeat.body, *branches])):
        return _EMPTY
    return _ALIKE if any(map(_begin_alike, _alternatives(repeat.body))) else None


def _alternatives(structure: Sequence) -> Iterator[Alternatives]:
    for node in structure:
        if isinstance(node, Alternatives):
            yield node
            for branch in node.branches:
                yield from _alternatives(branch)
        elif isinstance(node, Repeat):
            yield from _alternatives(node.body)


def _begin_alike(node: Alternatives) -> bool:
    firsts = [_before(branch, _END).first for branch in node.branches]
    return any(one & other for one, other in combinations(firsts, 2))


def _width(structure: Sequence) -> int:
    """Return how many characters the counted repetitions expand to; an unbounded one counts as its minimum."""
    return sum(_node_width(node) for node in structure)


def _node_width(node: Node) -> int:
    match node:
        case Characters():
            return 1
        case Repeat():
            times = max(node.low, 1) if node.high == UNBOUNDED else node.high
            return times * _width(node.body)
        case Alternatives():
            return sum(map(_width, node.branches))
        case Position():
            return 0


def _is_anchored(structure: Sequence) -> bool:
    """Return whether the pattern can match only at the beginning of a subject."""
    match structure[:1]:
        case (Position(is_start=True),):
            return True
        case (Alternatives() as node,):
            return all(map(_is_anchored, node.branches))
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Rest:
    """The rest of a pattern from some point on: a ``run`` of single characters, then a tail.

    The tail takes at most ``tail_once`` steps from one position, and ``tail_mean`` on average if it is tried from every
    position of a subject. It can begin with ``tail_first``, 0 if nothing is left and so nothing can fail. If it repeats
    one set of characters, ``repeated``, the average is ``apart_mean`` over positions that other characters separate.
    """

    tail_once: int
    tail_mean: int
    tail_first: int
    run: tuple[int, ...] = ()
    repeated: int = 0
    apart_mean: int = 0

    @property
    def first(self) -> int:
        """The characters that the rest can begin with."""
        return self.run[0] if self.run else self.tail_first

    @property
    def once(self) -> int:
        """The most steps from one position."""
        return len(self.run) + self.tail_once

    @property
    def mean(self) -> int:
        """The most steps on average: attempts at the run overlap only if a character of it can also be its first."""
        overlaps = sum(1 for mask in self.run if mask & self.run[0])
        if overlaps != 1:
            return overlaps + self.tail_mean
        return 1 + min(self.tail_mean, -(-self.tail_once // len(self.run)))

    def after(self, mask: int) -> "_Rest":
        """Return the rest that begins with one character out of ``mask``."""
        is_apart = self.repeated and not self.repeated & mask and not self.run
        return _Rest(
            self.tail_once, self.apart_mean if is_apart else self.tail_mean, self.tail_first, (mask, *self.run)
        )


_END = _Rest(1, 1, 0)


def _before(structure: Sequence, rest: _Rest) -> _Rest:
    """Return the rest that begins with ``structure`` and continues with ``rest``."""
    for node in reversed(structure):
        rest = _before_node(node, rest)
    return rest


def _before_node(node: Node, rest: _Rest) -> _Rest:
    match node:
        case Characters(mask):
            return rest.after(mask)
        case Position():
            return _Rest(rest.once + 1, rest.mean + 1, NEWLINE if node.is_line_end else rest.first)
        case Alternatives(branches):
            return _either([_before(branch, rest) for branch in branches])
        case Repeat(low, high, body) if low == high:
            return _before(body * low, rest)
        case Repeat(_, 1, body):
            return _either([_before(body, rest), rest])
        case Repeat():
            return _before_loop(node, rest)


def _either(choices: list[_Rest]) -> _Rest:
    """Return the rest that is one of ``choices``: only one can continue if their beginnings differ."""
    firsts = [choice.first for choice in choices]
    total = sum if any(one & other for one, other in combinations(firsts, 2)) else max
    once = len(choices) + total(choice.once for choice in choices)
    return _Rest(once, len(choices) + total(choice.mean for choice in choices), reduce(or_, firsts))


def _before_loop(loop: Repeat, rest: _Rest) -> _Rest:
    """Return the rest that begins with a repetition: its own steps, and those of ``rest`` at each end that it tries."""
    width = _width(loop.body)
    body_first = _before(loop.body, _END).first
    first = body_first | (rest.first if loop.low == 0 else 0)
    times = min(loop.high, _LONGEST // width + 1)
    own = width + sum(len(node.branches) for node in _alternatives(loop.body))
    ends = min(loop.high - loop.low, times) + 1
    if body_first & rest.first:
        once = times * own + min(ends * rest.once, _LONGEST * rest.mean)
    elif loop.high == UNBOUNDED:  # what it consumes is not left for the rest: the larger count covers both
        once = max(times * own + ends, rest.once) + width
    else:
        once = times * own + ends + rest.once
    repeated = body_first if len(loop.body) == 1 and isinstance(loop.body[0], Characters) else 0
    return _Rest(once, once, first, (), repeated, own + 1 + rest.mean)
