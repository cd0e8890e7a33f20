"""Read semantic versions and order them by the precedence of SemVer 2.0."""

import re

Number = tuple[int, str]
"""A decimal without leading zeros as (digits, text): ordered like the integer, without a bound on its size."""

Identifier = tuple[int, Number, str]
"""One pre-release identifier: numeric ones are (0, number, ""), others (1, ZERO, text) and so come after them."""

Version = tuple[Number, Number, Number, bool, tuple[Identifier, ...]]
"""Major, minor, patch, whether it is a release, pre-release identifiers: the tuple order is the precedence."""

ZERO: Number = (1, "0")

_NUMBER = r"(0|[1-9][0-9]*)"
_WORDS = r"([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)"
_VERSION = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER})?)?(?:-{_WORDS})?(?:\+{_WORDS})?")
_DIGITS = re.compile("[0-9]+")


def parse(text: object) -> Version | None:
    """Return the version in ``text``, None if it is not one.

    A missing minor or patch is 0, the build is ignored, and a leading ``v`` is not SemVer.
    """
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    major, minor, patch, words, _build = found.groups()
    identifiers = tuple(_identifier(word) for word in words.split(".")) if words else ()
    if any(_has_leading_zero(identifier) for identifier in identifiers):
        return None
    return (_number(major), _number(minor), _number(patch), not identifiers, identifiers)


def _number(digits: str | None) -> Number:
    return ZERO if digits is None else (len(digits), digits)


def _identifier(word: str) -> Identifier:
    return (0, _number(word), "") if _DIGITS.fullmatch(word) else (1, ZERO, word)


def _has_leading_zero(identifier: Identifier) -> bool:
    is_word, (length, digits), _ = identifier
    return not is_word and length > 1 and digits.startswith("0")
