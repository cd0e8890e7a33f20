"""Differences name what was added, removed and changed, down to the member."""

from flaghoist_cli.files.differences import Difference, MemberChange, compare
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_segment


def test_compare__equal_sets__differ_in_nothing() -> None:
    flagset = a_flagset(a_flag("a"), a_segment("s"), a_group("g"))
    assert compare(flagset, flagset) == ()


def test_compare__other_versions__are_no_difference() -> None:
    assert compare(a_flagset(a_flag("a").version(3)), a_flagset(a_flag("a").version(9))) == ()


def test_compare__salt_left_out__keeps_the_salt() -> None:
    assert compare(a_flagset(a_flag("a").salt("old")), a_flagset(a_flag("a").salt(""))) == ()


def test_compare__other_salt__is_a_difference() -> None:
    found = compare(a_flagset(a_flag("a").salt("old")), a_flagset(a_flag("a").salt("new")))
    assert found == (Difference("flag", "a", "changed", (MemberChange("salt", '"old"', '"new"'),)),)


def test_compare__added_and_removed__come_groups_first() -> None:
    before = a_flagset(a_flag("gone"), a_segment("old"))
    after = a_flagset(a_flag("new"), a_group("g"))
    assert compare(before, after) == (
        Difference("group", "g", "added"),
        Difference("segment", "old", "removed"),
        Difference("flag", "gone", "removed"),
        Difference("flag", "new", "added"),
    )


def test_compare__nested_value__names_its_path() -> None:
    before = a_flagset(a_flag("a").rule("r", a_clause("plan", "in", "pro"), serve="on"))
    after = a_flagset(a_flag("a").rule("r", a_clause("plan", "in", "team"), serve="on"))
    (difference,) = compare(before, after)
    assert difference.members == (MemberChange("rules[0].clauses[0].values[0]", '"pro"', '"team"'),)


def test_compare__list_of_other_length__is_one_change() -> None:
    before = a_flagset(a_segment("s").including("a"))
    (difference,) = compare(before, a_flagset(a_segment("s").including("a", "b")))
    assert difference.members == (MemberChange("included", '["a"]', '["a","b"]'),)


def test_compare__added_variation__has_no_before() -> None:
    before = a_flagset(a_flag("a").variations("x", x="1"))
    after = a_flagset(a_flag("a").variations("x", x="1", y="2"))
    (difference,) = compare(before, after)
    assert difference.members == (MemberChange("variations.y", "", '"2"'),)
