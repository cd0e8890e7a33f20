"""One change to a valid set: what it would break, told with paths into the changed document; and removals."""

import pytest

from flaghoist.errors import Conflict, InputError, LimitExceeded
from flaghoist.limits import PREREQUISITE_DEPTH
from flaghoist.validation import (
    check_environment_name,
    check_flag,
    check_flag_unused,
    check_group,
    check_group_unused,
    check_segment,
    check_segment_unused,
)
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_segment
from tests.shared.validation.documents import the_fault_of

IN_BETA = a_clause("", "in_segment", "beta")


def test_check_flag__new_or_changed__passes() -> None:
    existing = a_flagset(a_flag("base"), a_flag("checkout").requires("base", "on"), a_group("g"))
    check_flag(a_flag("search").requires("checkout", "off").in_group("g", 0, 100_000).build(), existing)
    check_flag(a_flag("checkout").on().requires("base", "off").build(), existing)
    assert list(existing.flags) == ["base", "checkout"]


def test_check_flag__closing_a_cycle__is_reported_at_the_changed_flag() -> None:
    existing = a_flagset(a_flag("a"), a_flag("b").requires("a", "on"), a_flag("c").requires("b", "on"))
    changed = a_flag("a").requires("c", "on").build()
    fault = the_fault_of(lambda: check_flag(changed, existing))
    assert fault.path == "$.prerequisites[0].flag"
    assert "a → c → b → a" in fault.detail


def test_check_flag__itself_as_prerequisite__is_refused() -> None:
    fault = the_fault_of(lambda: check_flag(a_flag("a").requires("a", "on").build(), a_flagset()))
    assert fault.path == "$.prerequisites[0].flag"


def test_check_flag__making_others_too_deep__is_refused() -> None:
    depth = PREREQUISITE_DEPTH.value
    flags = [a_flag(f"f{index}").requires(f"f{index + 1}", "on") for index in range(depth)]
    existing = a_flagset(*flags, a_flag(f"f{depth}"), a_flag("base"))
    with pytest.raises(LimitExceeded) as raised:
        check_flag(a_flag(f"f{depth}").requires("base", "on").build(), existing)
    assert raised.value.limit is PREREQUISITE_DEPTH
    assert raised.value.faults[0].path == "$"


def test_check_flag__dropping_a_variation_that_others_require__names_them() -> None:
    existing = a_flagset(a_flag("a"), a_flag("b").requires("a", "off", "on"))
    fault = the_fault_of(lambda: check_flag(a_flag("a").variations("off", off=False).build(), existing))
    assert fault.path == "$.variations"
    assert "flag 'b' requires variation 'on'" in fault.detail


def test_check_flag__own_prerequisite_variations__judged_by_the_new_document() -> None:
    existing = a_flagset(a_flag("a"))
    changed = a_flag("a").variations("new", new=True).requires("a", "on").build()
    with pytest.raises(InputError, match="'on' does not exist; the flag has 'new'"):
        check_flag(changed, existing)


@pytest.mark.parametrize(("low", "high"), [(0, 10), (5, 25), (19, 20), (0, 100_000), (29, 31)])
def test_check_flag__range_that_overlaps__is_reported_at_the_changed_flag(low: int, high: int) -> None:
    existing = a_flagset(
        a_flag("a").in_group("g", 0, 10), a_flag("b").in_group("g", 10, 20), a_flag("d").in_group("g", 20, 30),
        a_flag("z").archived().in_group("g", 0, 10), a_group("g"),
    )  # fmt: skip
    with pytest.raises(InputError) as raised:
        check_flag(a_flag("c").in_group("g", low, high).build(), existing)
    assert {fault.path for fault in raised.value.faults} == {"$.group.range"}


def test_check_flag__its_own_old_range__does_not_count() -> None:
    existing = a_flagset(a_flag("a").in_group("g", 0, 10), a_flag("z").archived().in_group("g", 0, 99), a_group("g"))
    check_flag(a_flag("a").in_group("g", 5, 15).build(), existing)


def test_check_flag__coming_back_from_the_archive__needs_its_range_free() -> None:
    existing = a_flagset(a_flag("a").archived().in_group("g", 0, 10), a_flag("b").in_group("g", 0, 10), a_group("g"))
    check_flag(a_flag("a").archived().on().in_group("g", 0, 10).build(), existing)
    with pytest.raises(InputError, match="overlaps"):
        check_flag(a_flag("a").in_group("g", 0, 10).build(), existing)


def test_check_flag__path__is_the_root_of_all_others() -> None:
    fault = the_fault_of(lambda: check_flag(a_flag("a").requires("b", "on").build(), a_flagset(), "$.changes[2]"))
    assert fault.path == "$.changes[2].prerequisites[0].flag"


def test_check_segment__closing_a_cycle__is_refused() -> None:
    existing = a_flagset(a_segment("beta"), a_segment("staff").rule(IN_BETA))
    changed = a_segment("beta").rule(a_clause("", "in_segment", "staff")).build()
    fault = the_fault_of(lambda: check_segment(changed, existing))
    assert fault.path == "$.rules[0][0].values[0]"
    assert "beta → staff → beta" in fault.detail


def test_check_segment__unknown_segment__is_refused() -> None:
    fault = the_fault_of(lambda: check_segment(a_segment("staff").rule(IN_BETA).build(), a_flagset()))
    assert fault.path == "$.rules[0][0].values[0]"


def test_check_segment_and_group__good__pass() -> None:
    check_segment(a_segment("staff").rule(IN_BETA).build(), a_flagset(a_segment("beta")))
    check_group(a_group("g"), a_flagset())


def test_check_unused__nobody_names_it__passes() -> None:
    existing = a_flagset(a_flag("a"), a_segment("beta"), a_group("g"))
    check_flag_unused("a", existing)
    check_segment_unused("beta", existing)
    check_group_unused("g", existing)


def test_check_flag_unused__required__names_the_users() -> None:
    existing = a_flagset(a_flag("a"), *(a_flag(f"b{index:02}").requires("a", "on") for index in range(12)))
    with pytest.raises(Conflict, match=r"flag 'a' is used by the flags 'b00', .*'b09' and 2 more: take it out"):
        check_flag_unused("a", existing)


def test_check_segment_unused__used_by_flags_and_segments__names_both() -> None:
    existing = a_flagset(
        a_flag("a").rule("r", IN_BETA, serve="on"), a_segment("beta"), a_segment("staff").rule(IN_BETA)
    )
    with pytest.raises(Conflict, match="used by the flags 'a' and the segments 'staff'"):
        check_segment_unused("beta", existing)


def test_check_group_unused__claimed_by_an_archived_flag__is_a_conflict() -> None:
    existing = a_flagset(a_flag("a").archived().in_group("g", 0, 1), a_group("g"))
    with pytest.raises(Conflict, match="'a'"):
        check_group_unused("g", existing)


@pytest.mark.parametrize("name", ["production", "a", "0-9", "x" * 64])
def test_check_environment_name__good__is_returned(name: str) -> None:
    assert check_environment_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "a_b", "a.b", "a b", "é", "a\n", "x" * 65])
def test_check_environment_name__bad__is_refused(name: str) -> None:
    with pytest.raises(InputError, match="a-z, 0-9 and '-'"):
        check_environment_name(name)
