"""Lanes: flags that are decided alike, as columns; each lane picks one fragment per flag for a context.

A lane is filled flag by flag, then `laid_out` in a view. What is laid out holds bytes alone.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol, final

from shared.bulk.conditions import NO_RULE, Conditions
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation, Resolvable
from shared.engine.forms import Form
from shared.engine.outcome import Outcome
from shared.engine.serves import Draw, Serve
from shared.limits import BUCKETS
from shared.model import TARGETING_KEY
from shared.steps import Steps, each

Pick = Callable[[Evaluation], Sequence[bytes]]
"""Returns the fragments of a lane's flags, in the lane's order."""

_END = b"\xff"
"""Stands between texts that are hashed; no UTF-8 text holds it."""

_PAIR = 2
_WORDS_PER_HASH = 4


class Lane(Protocol):
    """Flags that are decided alike; what it picks comes section by section."""

    @property
    def sections(self) -> Sequence[Sequence[object]]:
        """The lane's flags, in one or more lists that grow while it is filled."""

    def laid_out(self, view: View) -> Steps[Pick]:
        """Return what picks fragments of the view."""


class DrawLane:
    """Draws by one attribute. Those between two choices are the most frequent ones and come first, as columns."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._pairs: list[Draw] = []
        self._wide: list[Draw] = []
        self.sections = (self._pairs, self._wide)

    def add(self, draw: Draw) -> Sequence[Draw]:
        """Add a draw; return the section that it is now the last of."""
        section = self._pairs if len(draw.choices) <= _PAIR else self._wide
        section.append(draw)
        return section

    def laid_out(self, view: View) -> Steps[Pick]:
        by, draws, pairs = self._by, [*self._pairs, *self._wide], len(self._pairs)
        prefixes = yield from each(draws, _prefix)
        bounds = [draw.bounds[0] for draw in self._pairs]
        below = yield from each(self._pairs, lambda draw: view.fragment(draw.choices[0]))
        others = yield from each(self._pairs, lambda draw: view.fragment(draw.choices[-1]))
        rows = yield from each(self._wide, lambda draw: (draw.bounds, [*map(view.fragment, draw.choices)]))
        prefixes.append(b"")

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(by)
            if unit is None:
                return [view.fragment(draw.missing) for draw in draws]
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


def _prefix(draw: Draw) -> bytes:
    return draw.prefix.encode()


def _numbers(texts: Sequence[bytes]) -> Sequence[int]:
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
        self.sections = (self._flags,)

    def add(self, flag: Resolvable, form: Form) -> None:
        """Add a flag and its form."""
        self._flags.append(flag)
        self._forms.append(form)
        self._conditions.add([clauses for clauses, _ in form.rules])

    def laid_out(self, view: View) -> Steps[Pick]:
        flags, conditions = self._flags, self._conditions
        conditions.finish()
        yield
        rows = yield from each(self._forms, lambda form: _row(form, view))

        def pick(evaluation: Evaluation) -> Sequence[bytes]:
            unit = evaluation.unit(TARGETING_KEY)
            if unit is None:
                return [view.fragment(flag.resolve(evaluation)) for flag in flags]
            found = [row[code] for row, code in zip(rows, conditions.codes(evaluation), strict=True)]
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


def _row(form: Form, view: View) -> list["bytes | _Drawn"]:
    """Return what each code of the flag leads to."""
    found = [_laid_out(serve, view) for _, serve in form.rules]
    return [*found, *[b""] * (NO_RULE - len(found)), _laid_out(form.fallthrough, view)]


def _laid_out(serve: Serve, view: View) -> "bytes | _Drawn":
    return view.fragment(serve) if isinstance(serve, Outcome) else _Drawn(serve, view)


@final
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
        self.sections = (self._flags,)

    def add(self, flag: Resolvable) -> None:
        """Add a flag."""
        self._flags.append(flag)

    def laid_out(self, view: View) -> Steps[Pick]:
        flags = self._flags
        yield
        return lambda evaluation: [view.fragment(flag.resolve(evaluation)) for flag in flags]


class FixedLane:
    """Flags that give one outcome unless a target names the unit."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome] = []
        self.sections = (self._outcomes,)

    def add(self, outcome: Outcome) -> None:
        """Add a flag's outcome."""
        self._outcomes.append(outcome)

    def laid_out(self, view: View) -> Steps[Pick]:
        fragments = yield from each(self._outcomes, view.fragment)
        return lambda _evaluation: fragments


class ConstantLane:
    """Runs of constant flags that stand side by side: one fragment each."""

    def __init__(self) -> None:
        self._runs: list[list[Outcome]] = []
        self.sections = (self._runs,)

    def add(self, outcome: Outcome) -> None:
        """Begin a run."""
        self._runs.append([outcome])

    def extend(self, outcome: Outcome) -> None:
        """Add a flag to the run that was begun last."""
        self._runs[-1].append(outcome)

    def laid_out(self, view: View) -> Steps[Pick]:
        fragments = yield from each(self._runs, view.join)
        return lambda _evaluation: fragments
