"""Patterns of the operator ``matches``: which are refused, and how the others search a subject."""

import re
from collections.abc import Callable

from shared.limits import PATTERN_CHARACTERS, SUBJECT_CHARACTERS


def matcher(text: str) -> Callable[[str], bool]:
    """Return a predicate that tells whether the pattern ``text``, one that is not refused, is found in a subject."""
    search = re.compile(text, re.ASCII).search
    longest = SUBJECT_CHARACTERS.value

    def is_found(subject: str) -> bool:
        return len(subject) <= longest and search(subject) is not None

    return is_found


def refusal(text: str) -> str | None:
    """Return why the pattern ``text`` is refused, with the remedy; None if it is fine."""
    if len(text) > PATTERN_CHARACTERS.value:
        return f"a pattern has at most {PATTERN_CHARACTERS.value} characters, here {len(text)}"
    try:
        re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        return f"not a pattern: {error}"
    return None
