"""Lanes: flags that are decided alike, as columns; each lane picks one fragment per flag for a context.

A lane is filled flag by flag, then `laid_out` in a view. What is laid out holds bytes alone.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from shared.bulk.conditions import NO_RULE, Conditions
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation, Resolvable
from shared.engine.forms import Form
from shared.engine.outcome import Outcome
from shared.engine.serves import Draw, Serve
from shared.limits import BUCKETS
from shared.model import TARGETING_KEY

Pick = Callable[[Evaluation], Sequence[bytes]]
"""Returns the fragments of a lane's flags, in the lane's order."""

_END = b"\xff"
"""Stands between texts that are hashed; no UTF-8 text holds it."""

_WORDS_PER_HASH = 4


class Lane(Protocol):
    """Flags that are decided alike."""

    def __len__(self) -> int:
        """Return how many there are."""

    def laid_out(self, view: View) -> Pick:
        """Return what picks fragments of the view."""


class PairLane:
    """Draws between two choices by one attribute: the most frequent ones, so they get columns of their own."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._draws: list[Draw] = []

    def __len__(self) -> int:
        return len(self._draws)

    def add(self, draw: Draw) -> None:
        """Add a draw of one or two choices."""
        self._draws.append(draw)

    def laid_out(self, view: View) -> Pick:
        by, draws, buckets = self._by, self._draws, _Draws([draw.prefix for draw in self._draws])
        bounds = [draw.bounds[0] for draw in draws]
        below = [view.fragment(draw.choices[0]) for draw in draws]
        others = [view.fragment(draw.choices[-1]) for draw in draws]

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(by)
            if unit is None:
                return [view.fragment(draw.missing) for draw in draws]
            numbers = buckets.numbers(unit)
            return [
                low if number % BUCKETS < bound else high
                for number, bound, low, high in zip(numbers, bounds, below, others, strict=True)
            ]

        return pick


class DrawLane:
    """Draws among any number of choices by one attribute."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._draws: list[Draw] = []

    def __len__(self) -> int:
        return len(self._draws)

    def add(self, draw: Draw) -> None:
        """Add a draw."""
        self._draws.append(draw)

    def laid_out(self, view: View) -> Pick:
        by, draws, buckets = self._by, self._draws, _Draws([draw.prefix for draw in self._draws])
        rows = [(draw.bounds, [view.fragment(choice) for choice in draw.choices]) for draw in draws]

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(by)
            if unit is None:
                return [view.fragment(draw.missing) for draw in draws]
            numbers = buckets.numbers(unit)
            return [
                fragments[bisect_right(bounds, number % BUCKETS)]
                for number, (bounds, fragments) in zip(numbers, rows, strict=True)
            ]

        return pick


class _Draws:
    """Draws of one unit for many prefixes."""

    def __init__(self, prefixes: Sequence[str]) -> None:
        self._prefixes = [*(prefix.encode() for prefix in prefixes), b""]

    def numbers(self, unit: str) -> Iterable[int]:
        """Return what each draw takes its bucket from."""
        texts = (unit.encode() + _END).join(self._prefixes).split(_END)
        del texts[-1]
        return _numbers(texts)


def _numbers(texts: Sequence[bytes]) -> Iterable[int]:
    """Return the first 8 bytes of each text's hash as a number: hashed one by one, all else once for all."""
    words = array("Q", b"".join([sha256(text).digest() for text in texts]))[::_WORDS_PER_HASH]
    if sys.byteorder == "little":
        words.byteswap()
    return words


class RuleLane:
    """Flags with rules; draws among them are by targeting key."""

    def __init__(self) -> None:
        self._flags: list[Resolvable] = []
        self._forms: list[Form] = []
        self._conditions = Conditions()

    def __len__(self) -> int:
        return len(self._flags)

    def add(self, flag: Resolvable, form: Form) -> None:
        """Add a flag and its form."""
        self._flags.append(flag)
        self._forms.append(form)
        self._conditions.add([clauses for clauses, _ in form.rules])

    def laid_out(self, view: View) -> Pick:
        flags, conditions = self._flags, self._conditions
        conditions.finish()
        rows = [_row(form, view) for form in self._forms]

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(TARGETING_KEY)
            if unit is None:
                return [view.fragment(flag.resolve(evaluation)) for flag in flags]
            found = [row[code] for row, code in zip(rows, conditions.codes(evaluation), strict=True)]
            return _drawn(found, unit.encode())

        return pick


def _drawn(found: list["bytes | _Drawn"], unit: bytes) -> list[bytes]:
    """Return what was found, with draws replaced by what they come to."""
    draws = [each for each in found if isinstance(each, _Drawn)]
    numbers = iter(_numbers([each.prefix + unit for each in draws]))
    return [
        each.fragments[bisect_right(each.bounds, next(numbers) % BUCKETS)] if isinstance(each, _Drawn) else each
        for each in found
    ]


def _row(form: Form, view: View) -> list["bytes | _Drawn"]:
    """Return what each code of the flag leads to."""
    found = [_laid_out(serve, view) for _, serve in form.rules]
    return [*found, *[b""] * (NO_RULE - len(found)), _laid_out(form.fallthrough, view)]


def _laid_out(serve: Serve, view: View) -> "bytes | _Drawn":
    return view.fragment(serve) if isinstance(serve, Outcome) else _Drawn(serve, view)


class _Drawn:
    """One draw by itself, in one view."""

    __slots__ = ("bounds", "fragments", "prefix")

    def __init__(self, draw: Draw, view: View) -> None:
        self.prefix = draw.prefix.encode()
        self.bounds = draw.bounds
        self.fragments = [view.fragment(choice) for choice in draw.choices]


class OtherLane:
    """Flags of rare shapes, each by its own closures."""

    def __init__(self) -> None:
        self._flags: list[Resolvable] = []

    def __len__(self) -> int:
        return len(self._flags)

    def add(self, flag: Resolvable) -> None:
        """Add a flag."""
        self._flags.append(flag)

    def laid_out(self, view: View) -> Pick:
        flags = self._flags
        return lambda evaluation: [view.fragment(flag.resolve(evaluation)) for flag in flags]


class FixedLane:
    """Flags that give one outcome unless a target names the unit."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome] = []

    def __len__(self) -> int:
        return len(self._outcomes)

    def add(self, outcome: Outcome) -> None:
        """Add a flag's outcome."""
        self._outcomes.append(outcome)

    def laid_out(self, view: View) -> Pick:
        fragments = [view.fragment(outcome) for outcome in self._outcomes]
        return lambda _evaluation: fragments


class ConstantLane:
    """Runs of constant flags that stand side by side: one fragment each."""

    def __init__(self) -> None:
        self._runs: list[list[Outcome]] = []

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, outcome: Outcome) -> None:
        """Begin a run."""
        self._runs.append([outcome])

    def extend(self, outcome: Outcome) -> None:
        """Add a flag to the run that was begun last."""
        self._runs[-1].append(outcome)

    def laid_out(self, view: View) -> Pick:
        fragments = [view.join(run) for run in self._runs]
        return lambda _evaluation: fragments
