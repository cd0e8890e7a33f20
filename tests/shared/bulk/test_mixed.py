"""Many draws by ``mix`` at once: the same as one by one, whatever the numbers, and one hash for all of them."""

from bisect import bisect_right
from hashlib import sha256
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.answers.fragments import OFREP_ITEMS
from flaghoist.bulk.mixed import MixedSum, column_of, mixed_steps, together_steps
from flaghoist.model import bucketing
from flaghoist.model.bucketing import BUCKETS, factors_of, mix, mixed_draw
from flaghoist.model.flags import Rollout, Weight
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, WireServe
from flaghoist.steps import complete
from tests.builders import a_clause, a_flag, a_flagset, a_rollout
from tests.shared.agreement import engine_of

VIEW = OFREP_ITEMS["server"]
LARGEST = (1 << 32) - 1

WORD = st.sampled_from((0, 1, 1 << 31, LARGEST - 1, LARGEST)) | st.integers(0, LARGEST)
ODD = WORD.map(lambda number: number | 1)
BOUND = st.sampled_from((0, 1, BUCKETS - 1, BUCKETS)) | st.integers(0, BUCKETS)


@st.composite
def draws(draw: st.DrawFn) -> list[WireServe]:
    """Draw draws that all have as many bounds."""
    size = draw(st.integers(0, 5))
    bounds = st.lists(BOUND, min_size=size, max_size=size).map(lambda listed: (*sorted(listed), BUCKETS))
    made = st.builds(WireServe, st.just(A_MIXED_ROLLOUT), st.just("targetingKey"), st.text(), bounds)
    return draw(st.lists(made, min_size=1, max_size=40))


@given(drawn=draws(), words=st.tuples(WORD, WORD, ODD))
def test_together__any_numbers__choose_as_single_draws_do(drawn: list[WireServe], words: tuple[int, int, int]) -> None:
    together = complete(together_steps([column_of(each) for each in drawn]))
    wanted = [bisect_right(draw.bounds, mixed_draw(factors_of(draw.prefix), words)) for draw in drawn]
    assert list(together.choices(words)) == wanted


@given(factors=st.tuples(ODD, ODD), words=st.tuples(WORD, WORD, ODD))
def test_together__extreme_numbers__stay_in_their_lanes(factors: tuple[int, int], words: tuple[int, int, int]) -> None:
    rows = [factors, (LARGEST, LARGEST), factors, (1, 1)]
    first, second = (lanes([row[place] for row in rows]) for place in (0, 1))
    drawn = [mix(row, words) for row in rows]
    for offset, wanted in ((0, [1] * 4), (1, [0] * 4)):
        missing = lanes([LARGEST + 1 - number - offset for number in drawn])
        assert list(MixedSum(first, second, [missing], len(rows)).choices(words)) == wanted


@given(mixed=st.lists(draws(), max_size=4), words=st.tuples(WORD, WORD, ODD))
def test_mixed__among_different_numbers_of_choices__choose_as_single_draws_do(
    mixed: list[list[WireServe]], words: tuple[int, int, int]
) -> None:
    drawn = [each for row in zip_longest(*mixed) for each in row if each]
    together = complete(mixed_steps([column_of(each) for each in drawn]))
    wanted = [bisect_right(each.bounds, mixed_draw(factors_of(each.prefix), words)) for each in drawn]
    assert [wanted[number] for number in together.order] == list(together.choices(words))


def lanes(numbers: list[int]) -> int:
    return sum(number << 64 * place for place, number in enumerate(numbers))


def test_render_all__a_hundred_choices__choose_as_single_draws_do() -> None:
    names = {f"v{number}": number for number in range(100)}
    rollout = Rollout(tuple(Weight(name, BUCKETS // 100) for name in names), algorithm="mix")
    flags = [a_flag(f"f{number}").variations("v0", **names).on().fallthrough(rollout) for number in range(50)]
    engine, _ = engine_of(a_flagset(*flags))
    for unit in range(50):
        context = {"targetingKey": unit}
        outcomes = engine.evaluate_all(context, client_only=False)
        assert engine.render_all(context, VIEW, client_only=False) == VIEW.join(outcomes)


@pytest.mark.parametrize("context", [{"targetingKey": "ada", "org": "acme"}, {"org": "acme"}, {}], ids=str)
def test_render_all__algorithms_and_attributes_side_by_side__are_the_fragments_of_all_outcomes(
    context: dict[str, object],
) -> None:
    rollouts = [
        a_rollout(by=by, algorithm=algorithm, on=on, off=BUCKETS - on)
        for by in ("targetingKey", "org")
        for algorithm in ("sha256", "mix")
        for on in (0, 20_000, 50_000, BUCKETS)
    ]
    plain = [a_flag(f"f{number}").on().fallthrough(rollout) for number, rollout in enumerate(rollouts)]
    never = a_clause("org", "in", "x")
    ruled = [a_flag(f"r{n}").on().rule("r", never, serve="on").fallthrough(each) for n, each in enumerate(rollouts)]
    engine, _ = engine_of(a_flagset(*plain, *ruled))
    outcomes = engine.evaluate_all(context, client_only=False)
    assert engine.render_all(context, VIEW, client_only=False) == VIEW.join(outcomes)


def test_render_all__many_draws_by_mix__hash_the_unit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rollout = a_rollout(algorithm="mix", on=50_000, off=50_000)
    plain = [a_flag(f"f{number}").on().fallthrough(rollout) for number in range(100)]
    ruled = [a_flag(f"r{n}").on().rule("r", a_clause("a", "in", "b"), serve=rollout) for n in range(100)]
    engine, _ = engine_of(a_flagset(*plain, *ruled))
    context = {"targetingKey": "ada", "a": "b"}
    engine.render_all(context, VIEW, client_only=False)
    hashed: list[bytes] = []

    def counting(text: bytes) -> object:
        hashed.append(text)
        return sha256(text)

    monkeypatch.setattr(bucketing, "sha256", counting)
    engine.render_all(context, VIEW, client_only=False)
    assert hashed == [b"mix.ada"]
