"""The lane of flags with rules whose draws are by targeting key."""

from collections.abc import Callable, Sequence
from itertools import chain, compress, count, islice
from typing import NamedTuple

from flaghoist.bulk.draws import OneDraw, one_draw, only_choice, put_drawn
from flaghoist.bulk.layout import MIXED, NO_RULE, RULED, SIMPLE, Layout, Put, column_steps, make_ready
from flaghoist.bulk.mixed import Column, Mixed, column_of, mixed_steps
from flaghoist.model.bucketing import Words
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.rules.evaluation import Evaluation, Resolve
from flaghoist.rules.serves import Draw, MixedDraw, Serve, fallthrough_of, rules_of
from flaghoist.rules.views import View
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, WireFlag
from flaghoist.steps import Steps

Codes = Callable[[Evaluation], bytes]
"""Returns one code per flag, slice by slice: the number of its first matching rule, or `NO_RULE`."""

_NO_RULE = bytes([NO_RULE])
_IS_RULE = bytes(code != NO_RULE for code in range(256))
_IS_NO_RULE = bytes(code == NO_RULE for code in range(256))


class _MixedChoice(NamedTuple):
    """A draw by ``mix`` in a flag with rules: its number among those of its flag, and a fragment for each choice."""

    number: int
    fragments: list[bytes]


_Cell = bytes | OneDraw | _MixedChoice
"""The result of a rule."""


class _Row(NamedTuple):
    """A flag in a view: its template, the result of each rule, and the result if no rule matches."""

    ready: bytes
    cells: list[_Cell]
    otherwise: _Cell


class RuleLane:
    """Flags with rules. ``codes`` decides the rules, ``resolve`` gives the closures of a flag."""

    def __init__(self, codes: Codes, resolve: Callable[[WireFlag], Resolve]) -> None:
        self._codes = codes
        self._resolve = resolve

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        codes_of, resolve, places = self._codes, self._resolve, layout.places(RULED)
        rows = yield from column_steps(layout, RULED, view.name, lambda flag: _row(flag, view))
        make_ready(ready, places, [row.ready for row in rows])
        mixed = yield from _mixed_steps(layout)
        placed = [(place, row.cells, mixes) for place, row, mixes in zip(places, rows, mixed.places, strict=True)]
        otherwise = [
            None if isinstance(row.otherwise, bytes) else (place, row.otherwise, mixes)
            for place, row, mixes in zip(places, rows, mixed.places, strict=True)
        ]
        yield 2 * len(rows) // SIMPLE

        def put(evaluation: Evaluation, picked: list[bytes]) -> None:
            unit = evaluation.unit(TARGETING_KEY)
            if unit is None:
                flags = chain.from_iterable(each.of(RULED) for each in layout.slices)
                make_ready(picked, places, [view.fragment(resolve(flag)(evaluation)) for flag in flags])
                return
            codes = codes_of(evaluation)
            drawn = list(filter(None, compress(otherwise, codes.translate(_IS_NO_RULE))))
            ruled = compress(placed, codes.translate(_IS_RULE))
            for (place, cells, mixes), code in zip(ruled, codes.translate(None, _NO_RULE), strict=True):
                cell = cells[code]
                if isinstance(cell, bytes):
                    picked[place] = cell
                else:
                    drawn.append((place, cell, mixes))
            if mixed:
                drawn = mixed.put(drawn, evaluation.words(unit), picked)
            if drawn:
                put_drawn(drawn, unit.encode(), picked)  # type: ignore[arg-type]  # draws by mix were removed

        return put


def _row(flag: WireFlag, view: View) -> _Row:
    cells: list[_Cell] = []
    mixes = 0
    for serve in (*rules_of(flag), fallthrough_of(flag)):
        cells.append(_cell(serve, mixes, view))
        mixes += isinstance(serve, MixedDraw)
    otherwise = cells.pop()
    return _Row(otherwise if isinstance(otherwise, bytes) else b"", cells, otherwise)


def _cell(serve: Serve, mixes: int, view: View) -> _Cell:
    if isinstance(serve, MixedDraw):
        return _MixedChoice(mixes, [view.render(choice) for choice in serve.choices])
    only = only_choice(serve)
    if only is not None:
        return view.render(only)
    assert isinstance(serve, Draw), "something that is not a draw has one outcome"
    return one_draw(serve, view)


class _RuledMix:
    """The draws by ``mix`` of all flags of the lane; ``places`` are their positions among the choices, flag by flag."""

    def __init__(self, mixed: Mixed, places: Sequence[Sequence[int]]) -> None:
        self._mixed = mixed
        self.places = places

    def __bool__(self) -> bool:
        return bool(self._mixed.order)

    def put(self, found: list["_Found"], words: Words, picked: list[bytes]) -> list["_Found"]:
        """Write the fragments that a unit draws by ``mix``; return the other results."""
        choices = self._mixed.choices(words)
        others: list[_Found] = []
        for each in found:
            place, cell, mixes = each
            if isinstance(cell, _MixedChoice):
                picked[place] = cell.fragments[choices[mixes[cell.number]]]
            else:
                others.append(each)
        return others


_Found = tuple[int, OneDraw | _MixedChoice, Sequence[int]]
"""A place, the draw that was reached there, and the positions of that flag's draws by ``mix`` among the choices."""


def _mixed_steps(layout: Layout) -> Steps[_RuledMix]:
    listed = yield from column_steps(layout, RULED, MIXED, _mixed_of)
    mixed = yield from mixed_steps([*chain.from_iterable(listed)])
    at = {number: place for place, number in enumerate(mixed.order)}
    numbers = count()
    return _RuledMix(mixed, [[at[number] for number in islice(numbers, len(each))] if each else () for each in listed])


def _mixed_of(flag: WireFlag) -> Sequence[Column]:
    """Return the columns of a flag's draws by ``mix``; hardly any flag has one."""
    serves = [rule.serve for rule in flag.rules] + [flag.fallthrough]
    return [column_of(serve) for serve in serves if serve.variation == A_MIXED_ROLLOUT] or ()
