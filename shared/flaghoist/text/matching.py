"""How a pattern of the operator ``matches`` searches a subject; `flaghoist.text.patterns` says which are refused.

That is by far the larger part, and whoever only evaluates does not import it.
"""

import re
from collections.abc import Callable

from flaghoist.limits import SUBJECT_CHARACTERS


def matcher(text: str) -> Callable[[str], bool]:
    """Return a predicate that tells whether the pattern ``text``, one that is not refused, is found in a subject."""
    search = re.compile(text).search
    longest = SUBJECT_CHARACTERS.value

    def is_found(subject: str) -> bool:
        return len(subject) <= longest and search(subject) is not None

    return is_found
