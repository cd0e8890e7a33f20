"""Search a subject for a pattern of the operator ``matches``; `text.patterns` decides which patterns are rejected.

Separate, because that check is by far the larger part and evaluation does not need it.
"""

import re
from collections.abc import Callable


def matcher(text: str, longest: int) -> Callable[[str], bool]:
    """Return a predicate that tells whether the pattern ``text`` (one that is not rejected) is found in a subject."""
    search = re.compile(text).search

    def is_found(subject: str) -> bool:
        return len(subject) <= longest and search(subject) is not None

    return is_found
