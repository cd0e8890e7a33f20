"""Base64url: what Python's own decoder skips is refused here."""

import pytest

from flaghoist.text import base64url


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc", bytes(range(256)), b"\xfb\xff"])
def test_base64url__bytes__come_back_without_padding(data: bytes) -> None:
    text = base64url.encode(data)
    assert not set(text) & set("+/=")
    assert base64url.decode(text) == data
    assert base64url.decode(text + "=" * (-len(text) % 4)) == data


@pytest.mark.parametrize("text", ["a", "abcde", "a+/b", "ab c", "ab\n", "é", "ab===", "a=b", "abc\x00"])
def test_base64url__anything_else__is_none(text: str) -> None:
    assert base64url.decode(text) is None
