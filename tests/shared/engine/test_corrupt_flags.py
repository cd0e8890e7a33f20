"""Flags that no origin packs: refused when they are loaded, so that none fails while it is evaluated."""

import pytest

from flaghoist.engine.shards import FlagShard
from flaghoist.snapshot.wire import WireFlag, WireServe

FLAG = WireFlag("release", 1, False, False, False, ("on", "off"), (b"true", b"false"), 1, -1, "", WireServe(0))


def test_shard__same_flag_twice__is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        FlagShard([FLAG, FLAG])


def test_shard__draw_of_an_unknown_kind__is_refused() -> None:
    unknown = WireServe(-99, "targetingKey", "release", (100_000,), (0,))
    with pytest.raises(ValueError, match="no way to draw of number -99"):
        FlagShard([WireFlag("release", 1, False, False, False, ("on",), (b"true",), 0, -1, "", unknown)])


def test_shard__draw_with_too_few_bounds__is_refused() -> None:
    uneven = WireServe(-1, "targetingKey", "release", (100_000,), (0, 1))
    with pytest.raises(ValueError, match="as many bounds as choices"):
        FlagShard([WireFlag("release", 1, False, False, False, ("on", "off"), (b"1", b"2"), 0, -1, "", uneven)])
