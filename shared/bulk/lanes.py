"""Lanes: flags that are decided alike, as columns; each lane picks one fragment per flag for a context.

A lane is laid out in a view: it joins the columns of all slices, which they keep. What is laid out holds bytes alone.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from itertools import chain, pairwise
from typing import Protocol, TypeVar, final

from shared.bulk.conditions import NO_RULE
from shared.bulk.groups import Codes
from shared.bulk.layout import Ranks, Runs
from shared.bulk.slices import CONSTANT, FIXED, OTHER, PAIR, RULED, WIDE, Section, Slice, columns
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation, Resolve
from shared.engine.outcome import Outcome
from shared.engine.serves import Serve, choices_of, constant_of, fallthrough_of, missing_unit, rules_of
from shared.limits import BUCKETS
from shared.model import TARGETING_KEY
from shared.snapshot.wire import WireFlag
from shared.steps import Steps

T = TypeVar("T")

Flags = Sequence[WireFlag]

Pick = Callable[[Evaluation], Sequence[bytes]]
"""Returns the fragments of a lane's flags, in the lane's order."""

_END = b"\xff"
"""Stands between texts that are hashed; no UTF-8 text holds it."""

_WORDS_PER_HASH = 4


class Lane(Protocol):
    """Flags that are decided alike; what it picks comes section by section, and in each slice by slice."""

    sections: Sequence[Section]

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        """Return what picks fragments of the view."""


class DrawLane:
    """Draws by one attribute. Those between two choices are the most frequent ones and come first, as columns."""

    def __init__(self, by: str) -> None:
        self._by = by
        self.sections: Sequence[Section] = ((PAIR, by), (WIDE, by))

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        by, (pair, wide) = self._by, self.sections
        of_pairs = yield from columns(slices, pair, "prefixes", _prefixes)
        of_wide = yield from columns(slices, wide, "prefixes", _prefixes)
        bounds = _joined((yield from columns(slices, pair, "bounds", _bounds)))
        fragments = yield from columns(slices, pair, view.name, lambda flags: _pairs(flags, view))
        below = _joined(low for low, _ in fragments)
        others = _joined(high for _, high in fragments)
        rows = _joined((yield from columns(slices, wide, view.name, lambda flags: _wide(flags, view))))
        prefixes = [*_joined(of_pairs), *_joined(of_wide), b""]
        pairs = len(bounds)
        yield len(slices)

        @cache
        def missing() -> list[bytes]:
            flags = [flag for section in (pair, wide) for each in slices for flag in each.of(section)]
            return [view.render(missing_unit(flag, by)) for flag in flags]

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(by)
            if unit is None:
                return missing()
            texts = (unit.encode() + _END).join(prefixes).split(_END)
            del texts[-1]
            numbers = _numbers(texts)
            picked = [
                low if number % BUCKETS < bound else high
                for number, bound, low, high in zip(numbers, bounds, below, others, strict=False)
            ]
            picked += [
                fragments[bisect_right(bounds, number % BUCKETS)]
                for number, (bounds, fragments) in zip(numbers[pairs:], rows, strict=True)
            ]
            return picked

        return pick


def _joined(lists: Iterable[Sequence[T]]) -> list[T]:
    return list(chain.from_iterable(lists))


def _prefixes(flags: Flags) -> list[bytes]:
    return [flag.fallthrough.prefix.encode() for flag in flags]


def _bounds(flags: Flags) -> list[int]:
    return [flag.fallthrough.bounds[0] for flag in flags]


def _pairs(flags: Flags, view: View) -> tuple[list[bytes], list[bytes]]:
    """Return the fragments of the first choice and those of the last one."""
    render, drawn = view.render, [choices_of(flag, flag.fallthrough) for flag in flags]
    return [render(choices[0]) for choices in drawn], [render(choices[-1]) for choices in drawn]


def _wide(flags: Flags, view: View) -> list[tuple[tuple[int, ...], list[bytes]]]:
    render = view.render
    return [(flag.fallthrough.bounds, [render(each) for each in choices_of(flag, flag.fallthrough)]) for flag in flags]


def _numbers(texts: Sequence[bytes]) -> Sequence[int]:
    """Return the first 8 bytes of each text's hash as a number: hashed one by one, all else once for all."""
    words = array("Q", b"".join([sha256(text).digest() for text in texts]))[::_WORDS_PER_HASH]
    if sys.byteorder == "little":
        words.byteswap()
    return words


class RuleLane:
    """Flags with rules; draws among them are by targeting key. ``resolve`` gives the closures of a flag."""

    sections: Sequence[Section] = (RULED,)

    def __init__(self, codes: Codes, resolve: Callable[[WireFlag], Resolve]) -> None:
        self._codes = codes
        self._resolve = resolve

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        codes_of, resolve = self._codes, self._resolve
        rows = _joined(
            (yield from columns(slices, RULED, view.name, lambda flags: [_row(each, view) for each in flags]))
        )

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(TARGETING_KEY)
            if unit is None:
                flags = [flag for each in slices for flag in each.of(RULED)]
                return [view.fragment(resolve(flag)(evaluation)) for flag in flags]
            found = [row[code] for row, code in zip(rows, codes_of(evaluation), strict=True)]
            return _drawn(found, unit.encode())

        return pick


def _drawn(found: list["bytes | _Drawn"], unit: bytes) -> list[bytes]:
    """Return what was found, with draws replaced by what they come to."""
    draws = [each for each in found if type(each) is _Drawn]
    numbers = iter(_numbers([each.prefix + unit for each in draws]))
    return [
        each.fragments[bisect_right(each.bounds, next(numbers) % BUCKETS)] if type(each) is _Drawn else each
        for each in found
    ]


def _row(flag: WireFlag, view: View) -> list["bytes | _Drawn"]:
    """Return what each code of the flag leads to."""
    found = [_laid_out(serve, view) for serve in rules_of(flag)]
    return [*found, *[b""] * (NO_RULE - len(found)), _laid_out(fallthrough_of(flag), view)]


def _laid_out(serve: Serve, view: View) -> "bytes | _Drawn":
    return view.render(serve) if isinstance(serve, Outcome) else _Drawn(serve.prefix, serve.bounds, serve.choices, view)


@final
class _Drawn:
    """One draw by itself, in one view."""

    __slots__ = ("bounds", "fragments", "prefix")

    def __init__(self, prefix: str, bounds: tuple[int, ...], choices: Iterable[Outcome], view: View) -> None:
        self.prefix = prefix.encode()
        self.bounds = bounds
        self.fragments = [view.render(choice) for choice in choices]


class OtherLane:
    """Flags of rare shapes, each by its own closures."""

    sections: Sequence[Section] = (OTHER,)

    def __init__(self, resolve: Callable[[WireFlag], Resolve]) -> None:
        self._resolve = resolve

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        flags = [flag for each in slices for flag in each.of(OTHER)]
        resolves = [self._resolve(flag) for flag in flags]
        yield len(flags)
        return lambda evaluation: [view.fragment(resolve(evaluation)) for resolve in resolves]


class FixedLane:
    """Flags that give one outcome unless a target names the unit."""

    sections: Sequence[Section] = (FIXED,)

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        def make(flags: Flags) -> list[bytes]:
            return [_fragment(fallthrough_of(flag), view) for flag in flags]

        fragments = _joined((yield from columns(slices, FIXED, view.name, make)))
        return lambda _evaluation: fragments


def _fragment(serve: Serve | None, view: View) -> bytes:
    assert isinstance(serve, Outcome), "a section holds flags that serve alike"
    return view.render(serve)


class ConstantLane:
    """Constant flags, one fragment for each run of those that stand side by side."""

    sections: Sequence[Section] = (CONSTANT,)

    def __init__(self, ranks: Sequence[Ranks], runs: Runs) -> None:
        self._ranks = ranks
        self._runs = runs

    def laid_out(self, slices: Sequence[Slice], view: View) -> Steps[Pick]:
        def make(flags: Flags) -> list[bytes]:
            return [_fragment(constant_of(flag), view) for flag in flags]

        fragments = _joined((yield from columns(slices, CONSTANT, view.name, make)))
        at = dict(zip(_joined(each.by_section.get(CONSTANT, ()) for each in self._ranks), fragments, strict=True))
        in_order = [at[rank] for rank in self._runs.ranks]
        yield len(in_order) // 4
        joined = [b",".join(in_order[begin:end]) for begin, end in pairwise([0, *self._runs.ends])]
        yield len(joined) // 4
        return lambda _evaluation: joined
