"""Draws decided all at once, among any number of choices, against the plain draw."""

from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.bulk.draws import draws_steps, lay_out, one_draw, only_choice, put_drawn
from flaghoist.model.bucketing import BUCKETS, draw_prefix
from flaghoist.model.outcome import Outcome, Reason
from flaghoist.rules.serves import Draw
from flaghoist.rules.views import View
from flaghoist.steps import complete
from tests.plain import bucketing as plain

MOST_CHOICES = 7
BY_NAME = View("name", lambda outcome: str(outcome.variation).encode())

prefixes = st.tuples(st.text(max_size=3), st.text(max_size=3))
units = st.text(min_size=1, max_size=60)


@st.composite
def weights(draw: st.DrawFn, unit: str, salt: str, key: str) -> list[int]:
    """Draw weights of which some are zero, and some end right at the unit's bucket."""
    bucket = plain.bucket(salt, key, unit)
    cuts = st.sampled_from((0, bucket, bucket + 1, BUCKETS // 3, BUCKETS))
    ends = [*sorted(draw(st.lists(cuts, max_size=MOST_CHOICES - 1))), BUCKETS]
    return [end - start for start, end in zip((0, *ends), ends, strict=False)]


@settings(max_examples=300)
@given(data=st.data(), unit=units, flags=st.lists(prefixes, max_size=6))
def test_draws__any_choices__give_each_flag_the_owner_of_its_bucket(
    data: st.DataObject, unit: str, flags: list[tuple[str, str]]
) -> None:
    wanted: list[bytes] = []
    draws: list[Draw] = []
    for salt, key in flags:
        parts = data.draw(weights(unit, salt, key))
        names = [f"v{number}" for number in range(len(parts))]
        draws.append(a_draw(salt, key, parts))
        entries = [{"variation": name, "weight": weight} for name, weight in zip(names, parts, strict=True)]
        wanted.append(plain.owner(entries, plain.bucket(salt, key, unit)).encode())

    assert together(draws, unit) == wanted
    assert one_by_one(draws, unit) == wanted
    assert all(only in (None, want) for only, want in zip(map(named, draws), wanted, strict=True))


def a_draw(salt: str, key: str, parts: list[int]) -> Draw:
    choices = [Outcome(key, 1, Reason.SPLIT, variation=f"v{number}") for number in range(len(parts))]
    return Draw("targetingKey", draw_prefix(salt, key), tuple(accumulate(parts)), tuple(choices))


def together(draws: list[Draw], unit: str) -> list[bytes]:
    laid = [lay_out(draw, BY_NAME) for draw in draws]
    picked = [each.ready for each in laid]
    open_places = [place for place, each in enumerate(laid) if each.patches]
    decided = complete(draws_steps(open_places, [laid[place] for place in open_places]))
    decided.put(unit.encode(), picked)
    return picked


def one_by_one(draws: list[Draw], unit: str) -> list[bytes]:
    picked = [named(draw) or b"" for draw in draws]
    open_draws = [(place, draw) for place, draw in enumerate(draws) if named(draw) is None]
    put_drawn([(place, one_draw(draw, BY_NAME), ()) for place, draw in open_draws], unit.encode(), picked)
    return picked


def named(draw: Draw) -> bytes | None:
    only = only_choice(draw)
    return None if only is None else BY_NAME.render(only)
