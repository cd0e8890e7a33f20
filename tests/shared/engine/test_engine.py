"""What the engine adds to the specification: folding, sharing of work, and large sealed lists."""

from collections.abc import Mapping

import pytest

from flaghoist.engine.engine import Engine
from flaghoist.engine.load import load
from flaghoist.model import bucketing
from flaghoist.model.flags import FlagSet
from flaghoist.model.outcome import ErrorCode, Reason
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import LARGEST_SCAN, Sealer, membership
from tests.builders import a_clause, a_flag, a_flagset, a_rollout, a_segment

SEALER = Sealer(b"a secret of the tests", "production")


def an_engine(flagset: FlagSet) -> Engine:
    packed = pack(flagset, SEALER).packed
    return load(packed.shards, packed.blobs, SEALER).engine


class UntouchableContext(dict[str, object]):
    """A context that fails the test when anything reads it."""

    def __contains__(self, name: object) -> bool:
        raise AssertionError(f"{name!r} was looked up")

    def get(self, name: object, default: object = None) -> object:
        raise AssertionError(f"{name!r} was looked up")


def test_evaluate_all__flags_that_no_context_can_change__read_no_attribute() -> None:
    engine = an_engine(
        a_flagset(
            a_flag("disabled").rule("r", a_clause("plan", "in", "pro"), serve="on"),
            a_flag("static").on().fallthrough("on"),
            a_flag("needs-disabled").on().requires("disabled", "on", "off").target("on", "ada"),
            a_flag("needs-unknown").on().requires("nowhere", "on").fallthrough(a_rollout(on=1, off=99_999)),
            a_flag("needs-needs").on().requires("static", "on").requires("needs-unknown", "on").target("on", "ada"),
        )
    )
    outcomes = {each.flag_key: each for each in engine.evaluate_all(UntouchableContext(), client_only=False)}
    assert {key: (each.variation, each.reason) for key, each in outcomes.items()} == {
        "disabled": ("off", Reason.DISABLED),
        "static": ("on", Reason.STATIC),
        "needs-disabled": ("off", Reason.DEFAULT),
        "needs-unknown": ("off", Reason.DEFAULT),
        "needs-needs": ("off", Reason.DEFAULT),
    }
    assert outcomes["needs-needs"].metadata == {"prerequisiteFailed": "needs-unknown"}


def test_evaluate_all__attribute_of_many_rules__is_looked_up_once() -> None:
    class CountingContext(dict[str, object]):
        reads = 0

        def get(self, name: str, default: object = None) -> object:
            self.reads += 1
            return super().get(name, default)

    flags = [a_flag(f"f{number}").on().rule("r", a_clause("plan", "in", "pro"), serve="on") for number in range(50)]
    context = CountingContext(plan="pro")
    outcomes = an_engine(a_flagset(*flags)).evaluate_all(context, client_only=False)
    assert {each.variation for each in outcomes} == {"on"}
    assert context.reads == 1


def test_evaluate_all__shared_prerequisite_and_segment__are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def counting_draw(prefix: str, unit: str) -> int:
        drawn.append(prefix)
        return bucketing.draw(prefix, unit)

    monkeypatch.setattr("flaghoist.rules.flags.draw", counting_draw)
    dependants = [a_flag(f"d{number}").on().requires("base", "on").fallthrough("on") for number in range(20)]
    base = a_flag("base").on().fallthrough(a_rollout(on=100_000))
    engine = an_engine(a_flagset(base, *dependants))
    outcomes = engine.evaluate_all({"targetingKey": "ada"}, client_only=False)
    assert {each.variation for each in outcomes} == {"on"}
    assert len(drawn) == 2  # once in its own right, once for all that depend on it


def test_evaluate_all__client_only__leaves_hidden_flags_out_and_still_asks_them() -> None:
    engine = an_engine(
        a_flagset(
            a_flag("hidden").on().fallthrough("on"),
            a_flag("visible").on().client_visible().requires("hidden", "on").fallthrough("on"),
        )
    )
    assert [each.flag_key for each in engine.evaluate_all({}, client_only=True)] == ["visible"]
    assert engine.evaluate("visible", {}, client_only=True).variation == "on"
    assert engine.evaluate("hidden", {}, client_only=True).error_code is ErrorCode.FLAG_NOT_FOUND
    assert engine.evaluate("hidden", {}).variation == "on"


def test_evaluate__same_result_twice__is_the_same_object() -> None:
    engine = an_engine(a_flagset(a_flag("split").on().fallthrough(a_rollout(on=50_000, off=50_000))))
    seen = {id(engine.evaluate("split", {"targetingKey": f"user-{number}"})) for number in range(50)}
    assert len(seen) == 2


@pytest.mark.parametrize("assigned", [{"split": "b"}, {"split": "nowhere"}, {"other": "b"}, {}])
def test_evaluate__sticky_assignment__replaces_the_draw_of_a_sticky_flag(assigned: Mapping[str, str]) -> None:
    split = a_flag("split").variations("a", a="A", b="B").on().fallthrough(a_rollout(a=100_000, b=0))
    sticky = an_engine(a_flagset(split.sticky())).evaluate("split", {"targetingKey": "u"}, sticky=assigned)
    plain = an_engine(a_flagset(split)).evaluate("split", {"targetingKey": "u"}, sticky=assigned)
    assert sticky.variation == ("b" if assigned.get("split") == "b" else "a")
    assert plain.variation == "a"
    assert sticky.reason is plain.reason is Reason.SPLIT


@pytest.mark.parametrize("size", [0, 1, 2, LARGEST_SCAN, LARGEST_SCAN + 1, 10_000])
def test_membership__small_and_large_runs__hold_exactly_their_entries(size: int) -> None:
    entries = sorted(SEALER.unit(f"user-{number}") for number in range(size))
    holds = membership(b"".join(entries))
    assert all(holds(entry) for entry in entries)
    assert not any(holds(SEALER.unit(f"stranger-{number}")) for number in range(1_000))
    assert not holds(bytes(8))
    assert not holds(b"\xff" * 8)


def test_membership__bytes_of_two_neighbours__are_no_entry() -> None:
    one, two, three = b"\x01" * 8, b"\x01" * 4 + b"\x02" * 4, b"\x02" * 8
    assert not membership(one + three)(two)
    assert membership(one + two + three)(two)


def test_evaluate__segments_in_a_circle__end() -> None:
    circle = [
        a_segment("a").rule(a_clause("", "in_segment", "b")),
        a_segment("b").rule(a_clause("", "in_segment", "a")),
    ]
    flag = a_flag("f").on().rule("r", a_clause("", "in_segment", "a"), serve="on")
    assert an_engine(a_flagset(flag, *circle)).evaluate("f", {"targetingKey": "u"}).variation == "off"


def test_evaluate__prerequisites_in_a_circle__end() -> None:
    first = a_flag("a").on().requires("b", "on").fallthrough("on")
    second = a_flag("b").on().requires("a", "on").fallthrough("on")
    assert an_engine(a_flagset(first, second)).evaluate("a", {}).variation == "off"


def test_sealer__json_equal_scalars__seal_alike() -> None:
    assert SEALER.scalar(1) == SEALER.scalar(1.0)
    assert len({SEALER.scalar(value) for value in (1, "1", True, 0, False, -0.5, "true")}) == 7
    assert SEALER.scalar(0) == SEALER.scalar(-0.0)
    assert SEALER.unit("ada") != SEALER.scalar("ada")
