"""Lanes: flags that are decided in the same way. For a context, each lane writes one fragment per flag into its place.

A lane is laid out in a view by joining the columns that the slices cache. The fragments that most contexts get are the
template; only those that differ for a context are written over it.
"""

from collections.abc import Callable
from functools import cache
from itertools import chain, compress

from flaghoist.bulk.draws import draws_steps, lay_out
from flaghoist.bulk.layout import (
    CONSTANT,
    DRAWN,
    FIXED,
    MIXED,
    OTHER,
    SIMPLE,
    Layout,
    Put,
    Section,
    column_steps,
    make_ready,
)
from flaghoist.bulk.mixed import column_of, mixed_steps
from flaghoist.model.outcome import Outcome
from flaghoist.rules.evaluation import Evaluation, Resolve
from flaghoist.rules.serves import Serve, choices_of, constant_of, fallthrough_of, missing_unit
from flaghoist.rules.views import View
from flaghoist.snapshot.wire import WireFlag
from flaghoist.steps import Steps


class DrawLane:
    """Draws by one attribute."""

    def __init__(self, by: str) -> None:
        self._by = by

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        by, section, places = self._by, (DRAWN, self._by), layout.places((DRAWN, self._by))
        laid = yield from column_steps(layout, section, view.name, lambda flag: lay_out(fallthrough_of(flag), view))
        make_ready(ready, places, [each.ready for each in laid])
        drawn = [bool(each.patches) for each in laid]
        draws = yield from draws_steps([*compress(places, drawn)], [*compress(laid, drawn)])
        missing = _missing(layout, section, by, view)

        def put(evaluation: Evaluation, picked: list[bytes]) -> None:
            unit = evaluation.unit(by)
            if unit is None:
                make_ready(picked, places, missing())
            else:
                draws.put(unit.encode(), picked)

        return put


class MixedLane:
    """Draws by ``mix`` and one attribute."""

    def __init__(self, by: str) -> None:
        self._by = by

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        by, section, places = self._by, (MIXED, self._by), layout.places((MIXED, self._by))
        lanes = yield from column_steps(layout, section, MIXED, lambda flag: column_of(flag.fallthrough))
        mixed = yield from mixed_steps(lanes)
        rows = yield from column_steps(layout, section, view.name, lambda flag: _choices(flag, view))
        make_ready(ready, places, [row[0] for row in rows])
        placed = [(places[number], rows[number]) for number in mixed.order]
        missing = _missing(layout, section, by, view)

        def put(evaluation: Evaluation, picked: list[bytes]) -> None:
            unit = evaluation.unit(by)
            if unit is None:
                make_ready(picked, places, missing())
                return
            choices = mixed.choices(evaluation.words(unit))
            for (place, row), choice in zip(compress(placed, choices), choices.translate(None, b"\0"), strict=True):
                picked[place] = row[choice]

        return put


def _choices(flag: WireFlag, view: View) -> list[bytes]:
    return [view.render(choice) for choice in choices_of(flag, flag.fallthrough)]


def _missing(layout: Layout, section: Section, by: str, view: View) -> Callable[[], list[bytes]]:
    """Return the function for the errors of a missing unit, built on first use: hardly any context lacks one."""

    @cache
    def missing() -> list[bytes]:
        return [view.render(missing_unit(flag, by)) for each in layout.slices for flag in each.of(section)]

    return missing


class OtherLane:
    """Flags of rare shapes, each evaluated by its own closures."""

    def __init__(self, resolve: Callable[[WireFlag], Resolve]) -> None:
        self._resolve = resolve

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        flags = [flag for each in layout.slices for flag in each.of(OTHER)]
        placed = list(zip(layout.places(OTHER), [self._resolve(flag) for flag in flags], strict=True))
        yield len(flags)

        def put(evaluation: Evaluation, picked: list[bytes]) -> None:
            for place, resolve in placed:
                picked[place] = view.fragment(resolve(evaluation))

        return put


class FixedLane:
    """Flags with one outcome unless a target names the unit."""

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        fragments = yield from column_steps(
            layout, FIXED, view.name, lambda flag: _rendered(fallthrough_of(flag), view)
        )
        make_ready(ready, layout.places(FIXED), fragments)
        yield len(fragments) // SIMPLE
        return None


def _rendered(serve: Serve | None, view: View) -> bytes:
    assert isinstance(serve, Outcome), "a section holds flags that serve alike"
    return view.render(serve)


class ConstantLane:
    """Constant flags; neighbours that share a place are joined there."""

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        fragments = yield from column_steps(
            layout, CONSTANT, view.name, lambda flag: _rendered(constant_of(flag), view)
        )
        ranks = chain.from_iterable(each.by_section.get(CONSTANT, ()) for each in layout.ranks)
        place_of, runs = layout.place_of, dict[int, list[bytes]]()
        for rank, fragment in sorted(zip(ranks, fragments, strict=True)):
            runs.setdefault(place_of[rank], []).append(fragment)
        yield len(fragments) // 4
        make_ready(ready, [*runs], [b",".join(run) for run in runs.values()])
        yield len(fragments) // SIMPLE
        return None
