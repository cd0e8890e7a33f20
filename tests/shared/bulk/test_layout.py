"""Layouts: where flags of several slices come in an answer, also when slices come and go."""

from flaghoist.bulk.layout import Slice, layout_steps, section_of
from flaghoist.snapshot.wire import WireFlag, WireServe
from flaghoist.steps import complete


def a_slice(*keys: str) -> Slice:
    fields = (1, True, False, False, ("on", "off"), (b"true", b"false"), 1, 1, "STATIC", WireServe(0))
    flags = [WireFlag(key, *fields) for key in keys]
    return Slice(flags, [section_of(flag) for flag in flags])


def test_layout__slice_more_or_less__is_that_of_a_fresh_start() -> None:
    one, other = a_slice("apple", "cherry"), a_slice("banana")
    single = complete(layout_steps([one], None))
    both = complete(layout_steps([one, other], single))
    fresh = complete(layout_steps([one, other], None))

    assert list(both.place_of) == list(fresh.place_of)
    assert [list(ranks.all) for ranks in both.ranks] == [[0, 2], [1]]
    assert [list(ranks.all) for ranks in complete(layout_steps([one], both)).ranks] == [[0, 1]]
