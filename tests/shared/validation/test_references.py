"""What flags, segments and groups name of each other, in a whole set."""

import pytest

from flaghoist.errors import LimitExceeded
from flaghoist.limits import PREREQUISITE_DEPTH
from flaghoist.model.flags import FlagSet
from flaghoist.validation import validate
from tests.builders import FlagBuilder, SegmentBuilder, a_clause, a_flag, a_flagset, a_group, a_segment
from tests.shared.validation.documents import faults_of, the_fault_of


def using(segment: SegmentBuilder, *others: str) -> SegmentBuilder:
    return segment.rule(a_clause("plan", "in", "pro"), a_clause("", "in_segment", *others))


def refuse(*parts: FlagBuilder | SegmentBuilder) -> tuple[str, str]:
    """Return path and detail of the one fault of the set of ``parts`` and the group ``g``."""
    fault = the_fault_of(lambda: validate(a_flagset(*parts, a_group("g"))))
    return fault.path, fault.detail


def test_validate__nothing__passes() -> None:
    validate(FlagSet())


def test_validate__all_kinds_of_references__pass() -> None:
    checkout = a_flag("checkout").requires("base", "on", "off").in_group("g", 0, 1)
    validate(
        a_flagset(
            checkout.rule("r", a_clause("", "in_segment", "beta", "staff"), serve="on"),
            a_flag("base"),
            using(a_segment("beta"), "staff"),
            a_segment("staff"),
            a_group("g"),
        )
    )


@pytest.mark.parametrize(
    ("parts", "path", "named"),
    [
        ([a_flag("a"), a_flag("b").requires("c", "on")], "$.flags[1].prerequisites[0].flag", "flag 'c'"),
        (
            [a_flag("a"), a_flag("b").requires("a", "on", "onn")],
            "$.flags[1].prerequisites[0].variations[1]",
            "variation 'onn' does not exist; the flag has 'on', 'off'",
        ),
        (
            [a_flag("a").rule("r", a_clause("x", "in", 1), a_clause("", "in_segment", "s", "t"), serve="on"),
             a_segment("s")],
            "$.flags[0].rules[0].clauses[1].values[1]",
            "segment 't'",
        ),
        ([a_segment("s"), using(a_segment("t"), "u")], "$.segments[1].rules[0][1].values[0]", "segment 'u'"),
        ([a_flag("a").in_group("h", 0, 1)], "$.flags[0].group.key", "group 'h'"),
        ([a_flag("a").archived().in_group("h", 0, 1)], "$.flags[0].group.key", "group 'h'"),
    ],
)  # fmt: skip
def test_validate__unknown_reference__path_and_name(
    parts: list[FlagBuilder | SegmentBuilder], path: str, named: str
) -> None:
    actual_path, detail = refuse(*parts)
    assert actual_path == path
    assert named in detail


def test_validate__archived_prerequisite__is_allowed() -> None:
    validate(a_flagset(a_flag("a").archived(), a_flag("b").requires("a", "on")))


@pytest.mark.parametrize(
    ("parts", "path", "chain"),
    [
        ([a_flag("a").requires("a", "on")], "$.flags[0].prerequisites[0].flag", "a → a:"),
        (
            [a_flag("x"), a_flag("a").requires("x", "on").requires("b", "on"), a_flag("b").requires("a", "on")],
            "$.flags[1].prerequisites[1].flag",
            "a → b → a:",
        ),
        (
            [a_flag("z").requires("a", "on"), *(a_flag(f).requires(t, "on") for f, t in ("ab", "bc", "ca"))],
            "$.flags[1].prerequisites[0].flag",
            "a → b → c → a:",
        ),
        ([using(a_segment("s"), "s")], "$.segments[0].rules[0][1].values[0]", "s → s:"),
        (
            [a_segment("r"), using(a_segment("s"), "r", "t"), using(a_segment("t"), "s")],
            "$.segments[1].rules[0][1].values[1]",
            "s → t → s:",
        ),
    ],
)
def test_validate__cycle__path_and_chain(parts: list[FlagBuilder | SegmentBuilder], path: str, chain: str) -> None:
    actual_path, detail = refuse(*parts)
    assert actual_path == path
    assert chain in detail


def test_validate__diamond__is_no_cycle() -> None:
    top = a_flag("top").requires("left", "on").requires("right", "on")
    sides = [a_flag(key).requires("base", "on") for key in ("left", "right")]
    validate(a_flagset(top, *sides, a_flag("base")))


def chain_of(length: int, *, is_reversed: bool = False) -> FlagSet:
    """Return flags f0 → f1 → …, each requiring the next: ``length`` of them below the first."""
    flags = [a_flag(f"f{index}").requires(f"f{index + 1}", "on") for index in range(length)]
    listed = [*flags, a_flag(f"f{length}")]
    return a_flagset(*(reversed(listed) if is_reversed else listed))


@pytest.mark.parametrize("is_reversed", [False, True])
def test_validate__chain_past_the_limit__is_reported_once_at_its_top(is_reversed: bool) -> None:
    validate(chain_of(PREREQUISITE_DEPTH.value, is_reversed=is_reversed))
    with pytest.raises(LimitExceeded) as raised:
        validate(chain_of(PREREQUISITE_DEPTH.value + 1, is_reversed=is_reversed))
    [fault] = raised.value.faults
    assert fault.path == ("$.flags[21]" if is_reversed else "$.flags[0]")


def test_validate__chain_of_thousands__needs_no_recursion() -> None:
    assert len(faults_of(lambda: validate(chain_of(9_000)))) == 1


def test_validate__cycle_of_thousands__is_one_fault_with_a_short_message() -> None:
    flags = [a_flag(f"f{index}").requires(f"f{(index + 1) % 5_000}", "on") for index in range(5_000)]
    _, detail = refuse(*flags)
    assert len(detail) < 1_000


def test_validate__every_flag_requires_every_other__ends_with_fifty_faults() -> None:
    keys = [f"f{index}" for index in range(60)]
    flags = []
    for key in keys:
        flag = a_flag(key)
        for other in keys:
            flag = flag.requires(other, "on") if other != key else flag
        flags.append(flag)
    assert len(faults_of(lambda: validate(a_flagset(*flags)))) == 50


def test_validate__segments_nested_past_the_limit__are_refused() -> None:
    depth = PREREQUISITE_DEPTH.value
    segments = [using(a_segment(f"s{index}"), f"s{index + 1}") for index in range(depth + 1)]
    validate(a_flagset(*segments[1:], a_segment(f"s{depth + 1}")))
    with pytest.raises(LimitExceeded):
        validate(a_flagset(*segments, a_segment(f"s{depth + 1}")))


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 50_000), (50_000, 100_000)), ((50_000, 60_000), (0, 50_000)), ((0, 1), (99_999, 100_000))],
)
def test_validate__ranges_side_by_side__pass(first: tuple[int, int], second: tuple[int, int]) -> None:
    validate(a_flagset(a_flag("a").in_group("g", *first), a_flag("b").in_group("g", *second), a_group("g")))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(((0, 50_000), (49_999, 60_000)), ((0, 100_000), (5, 6)), ((5, 6), (0, 100_000)), ((0, 10), (0, 10))),
        ((50_000, 60_000), (0, 50_001)),
    ],
)
def test_validate__ranges_that_share_a_bucket__are_refused(first: tuple[int, int], second: tuple[int, int]) -> None:
    path, detail = refuse(a_flag("a").in_group("g", *first), a_flag("b").in_group("g", *second))
    assert path in ("$.flags[0].group.range", "$.flags[1].group.range")
    assert "overlaps" in detail
    assert "'a'" in detail or "'b'" in detail


def test_validate__wide_range_over_several__is_refused_for_each() -> None:
    flags = [a_flag(f"f{index}").in_group("g", index * 10, index * 10 + 5) for index in range(3)]
    wide = a_flag("wide").in_group("g", 0, 100)
    assert len(faults_of(lambda: validate(a_flagset(wide, *flags, a_group("g"))))) == 3


def test_validate__archived_flag__releases_its_range() -> None:
    archived = a_flag("a").archived().in_group("g", 0, 100_000)
    validate(a_flagset(archived, a_flag("b").in_group("g", 0, 100_000), a_group("g")))


def test_validate__same_range_in_two_groups__passes() -> None:
    flags = [a_flag(key).in_group(group, 0, 100_000) for key, group in (("a", "g"), ("b", "h"))]
    validate(a_flagset(*flags, a_group("g"), a_group("h")))
