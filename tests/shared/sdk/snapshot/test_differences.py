"""A change names every flag whose answer it may change, and no flag beside those."""

import pytest

from flaghoist.model.flags import FlagSet
from flaghoist.sdk.snapshot.differences import changed_flags
from flaghoist.sdk.snapshot.snapshot import FLAGS_PER_SHARD
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_segment
from tests.shared.sdk.making import applied, change, whole

BETA = a_clause("", "in_segment", "beta")
WORLD = (
    a_flag("plain").on(),
    a_flag("ruled").on().rule("r", BETA, serve="on"),
    a_flag("nested").on().rule("r", a_clause("", "in_segment", "outer"), serve="on"),
    a_flag("needs-ruled").on().requires("ruled", "on"),
    a_flag("needs-that").on().requires("needs-ruled", "on"),
    a_flag("grouped").on().in_group("tests", 0, 50_000),
    a_group("tests", "one"),
    a_segment("outer").rule(BETA),
)
BEFORE = a_flagset(*WORLD, a_segment("beta"))
ON_BETA = ("needs-ruled", "needs-that", "nested", "ruled")


def changed(before: FlagSet, after: FlagSet) -> tuple[str, ...]:
    current = applied(whole(before))
    by_change = changed_flags(current, applied(change(before, after, "1-1", "1-2"), current))
    assert changed_flags(current, applied(whole(after, "1-2"), current)) == by_change
    return by_change


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        (a_flagset(*WORLD, a_segment("beta")), ()),
        (a_flagset(*WORLD, a_segment("beta").including("ada")), ON_BETA),
        (a_flagset(*WORLD, a_segment("beta"), a_segment("unused")), ()),
        (a_flagset(*WORLD, a_segment("beta"), a_group("tests", "two")), ("grouped",)),
        (a_flagset(*WORLD, a_segment("beta"), a_flag("new")), ("new",)),
        (a_flagset(*WORLD[1:], a_segment("beta")), ("plain",)),
        (a_flagset(*WORLD, a_segment("beta"), a_flag("plain").archived()), ("plain",)),
        (a_flagset(*WORLD, a_segment("beta"), a_flag("ruled")), ("needs-ruled", "needs-that", "ruled")),
    ],
    ids=["nothing", "segment", "unused-segment", "group", "new", "gone", "archived", "prerequisite"],
)
def test_changed_flags__after_a_change__are_these(after: FlagSet, wanted: tuple[str, ...]) -> None:
    assert changed(BEFORE, after) == wanted


def test_changed_flags__set_that_grew_into_more_shards__are_the_new_ones() -> None:
    few = [a_flag(f"flag-{number:03}") for number in range(FLAGS_PER_SHARD)]
    more = [a_flag(f"more-{number:03}") for number in range(2 * FLAGS_PER_SHARD)]
    before, after = applied(whole(a_flagset(*few))), applied(whole(a_flagset(*few, *more), "1-2"))
    assert after.shard_count != before.shard_count
    assert changed_flags(before, after) == tuple(flag.flag.key for flag in more)
