"""How deep JSON nests: what is too deep is named by its path."""

import pytest

from flaghoist.errors import LimitExceeded
from flaghoist.limits import CONTEXT_DEPTH
from flaghoist.text import json_depth

DEEP = b"[" * CONTEXT_DEPTH.value


@pytest.mark.parametrize(
    ("before", "path"),
    [
        (b"", "$"),
        (b'"text", ', "$"),
        (b'{"a": [], "b": {"c": 1}, "d": ', "$.d"),
        (b'{"a": {"b": "c", "d": "e"}, "f": ', "$.f"),
        (b"[[], [], ", "$[2]"),
    ],
)
def test_depth__too_deep__is_named(before: bytes, path: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        json_depth.check(before + b"[" * CONTEXT_DEPTH.value * 2, CONTEXT_DEPTH)
    assert caught.value.faults[0].path.startswith(path)


def test_depth__brackets_in_strings__do_not_count() -> None:
    json_depth.check(b'["' + DEEP + b'", "\\"' + DEEP + b'"]', CONTEXT_DEPTH)


def test_depth__many_but_flat__is_fine() -> None:
    json_depth.check(b"[" + b",".join([b"[]"] * CONTEXT_DEPTH.value * 3) + b"]", CONTEXT_DEPTH)
