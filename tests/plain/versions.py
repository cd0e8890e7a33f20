"""SemVer 2.0 precedence, with minor and patch optional."""

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRE_RELEASE_PART = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER})(?:\.(?P<patch>{_NUMBER}))?)?"
    rf"(?:-(?P<pre>{_PRE_RELEASE_PART}(?:\.{_PRE_RELEASE_PART})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)

Version = tuple[list[str], list[str]]
"""Major, minor and patch as decimal texts, and the pre-release in parts; build metadata is dropped."""


def parse(value: object) -> Version | None:
    """Return the version that a string spells, or None."""
    found = _VERSION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    core = [found["major"], found["minor"] or "0", found["patch"] or "0"]
    return core, found["pre"].split(".") if found["pre"] else []


def compare(left: Version, right: Version) -> int:
    """Return a number below, at or above zero as ``left`` comes before, with or after ``right``."""
    for mine, theirs in zip(left[0], right[0], strict=True):
        if mine != theirs:
            return _compare_numbers(mine, theirs)
    return _compare_pre_releases(left[1], right[1])


def _compare_pre_releases(left: list[str], right: list[str]) -> int:
    if not left or not right:
        return len(right) - len(left)  # without a pre-release comes after with one
    for mine, theirs in zip(left, right, strict=False):
        if mine != theirs:
            return _compare_parts(mine, theirs)
    return len(left) - len(right)


def _compare_parts(left: str, right: str) -> int:
    if left.isdigit() and right.isdigit():
        return _compare_numbers(left, right)
    if left.isdigit() != right.isdigit():
        return -1 if left.isdigit() else 1
    return -1 if left < right else 1


def _compare_numbers(left: str, right: str) -> int:
    """Compare decimal texts without leading zeros, of any length: the longer one is larger."""
    if left == right:
        return 0
    return -1 if (len(left), left) < (len(right), right) else 1
