"""Versions: what is one, and which comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.text import semver

ASCENDING = [
    "0.0.0-0",
    "0.0.0",
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.10",
    "1.2",
    "1.10",
    "2",
    "2.0.1",
    "99999999999999999999999.0.0",
    "100000000000000000000000.0.0",
]


def parsed(text: str) -> semver.Version:
    version = semver.parse(text)
    assert version is not None, text
    return version


def test_parse__precedence__is_that_of_semver() -> None:
    versions = [parsed(text) for text in ASCENDING]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1", "1.0.0"),
        ("1.2", "1.2.0"),
        ("1-beta", "1.0.0-beta"),
        ("1.2.3+build.5", "1.2.3"),
        ("1.2.3-rc.1+0042", "1.2.3-rc.1"),
    ],
)
def test_parse__short_or_built__equals_the_full_release(text: str, same: str) -> None:
    assert parsed(text) == parsed(same)


@pytest.mark.parametrize(
    "text",
    [
        *("", "v1.0.0", "1.", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+"),
        *(" 1.2.3", "1.2.3\n", "1.2.x", "-1", "\u0661.\u0662.\u0663", "1.2.3-ä", 1, 1.2, True, None, ["1.2.3"]),
    ],
)
def test_parse__no_version__is_none(text: object) -> None:
    assert semver.parse(text) is None


def test_parse__thousands_of_digits__is_still_a_number() -> None:
    assert parsed("9" * 10_000) < parsed("1" + "0" * 10_000)


@given(st.tuples(*[st.integers(0, 10**30)] * 3), st.tuples(*[st.integers(0, 10**30)] * 3))
def test_parse__releases__ordered_as_integers(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    versions = [parsed(".".join(map(str, numbers))) for numbers in (left, right)]
    assert (versions[0] < versions[1]) == (left < right)
