"""The cookie that keeps a visitor's unit, as browsers and others send it."""

import pytest

from flaghoist.limits import COOKIE_UNIT_CHARACTERS
from flaghoist_edge.pages.units import UNIT_BYTES, new_unit, read_unit, set_cookie, with_unit

LONGEST = "u" * COOKIE_UNIT_CHARACTERS.value


@pytest.mark.parametrize(
    ("cookies", "unit"),
    [
        ("", ""),
        ("a=1; b=2", ""),
        ("fh_unit=ada", "ada"),
        ("a=1;fh_unit=ada; b=2", "ada"),
        ("  fh_unit=A-z0._~9 ", "A-z0._~9"),
        ("fh_unit=; fh_unit=ada", "ada"),
        ("fh_unit=one; fh_unit=two", "one"),
        ("xfh_unit=ada", ""),
        ("fh_unit", ""),
        ("FH_UNIT=ada", ""),
        ("fh_unit=a=b", ""),
        ('fh_unit="ada"', ""),
        ("fh_unit=<script>", ""),
        ("fh_unit=a%20b", ""),
        ("fh_unit=ädä", ""),
        ("fh_unit=a\x00", ""),
        (f"fh_unit={LONGEST}", LONGEST),
        (f"fh_unit={LONGEST}u", ""),
        (";;;=;", ""),
    ],
)
def test_unit__in_cookies__is_read_when_it_can_be_one(cookies: str, unit: str) -> None:
    assert read_unit(cookies, "fh_unit") == unit


def test_unit__of_random_bytes__is_one_that_is_read_again() -> None:
    unit = new_unit(bytes(range(UNIT_BYTES)))
    assert len(unit) == 22
    assert read_unit(f"fh_unit={unit}", "fh_unit") == unit
    assert len({new_unit(bytes([number]) * UNIT_BYTES) for number in range(256)}) == 256


def test_cookie__over_https__is_kept_from_scripts_other_sites_and_plain_http() -> None:
    assert set_cookie("fh_unit", "ada", is_https=True) == (
        "fh_unit=ada; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly; Secure"
    )
    assert set_cookie("who", "ada", is_https=False) == "who=ada; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "fh_unit=ada"),
        ("a=1; b=2", "a=1; b=2; fh_unit=ada"),
        ("fh_unit=<bad>; a=x=y", "a=x=y; fh_unit=ada"),
    ],
)
def test_cookies__for_the_site__hold_the_unit_once(before: str, after: str) -> None:
    assert with_unit(before, "fh_unit", "ada") == after
