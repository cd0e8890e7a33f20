"""Check the patterns of the operator ``matches``; `flaghoist.text.matching` searches with those that are accepted.

The syntax is that of Python's ``re`` without flags: ``\\w``, ``\\d``, ``\\s`` and ``\\b`` cover all scripts. Rejected
are patterns whose time is more than linear for each of a few repetitions, constructs that authors misjudge
(look-around, conditions, inline flags), and constructs that Python versions read differently (``\\B``, ``\\z``, sets
in sets). One difference remains: an older interpreter does not treat characters that are new in Unicode as letters.
"""

import re
from functools import lru_cache

from flaghoist.limits import PATTERN_CHARACTERS
from flaghoist.text.patterns.cost import cost_fault
from flaghoist.text.patterns.structure import UnsupportedSyntax, read_structure
from flaghoist.text.patterns.syntax import syntax_fault

_LITERAL = re.compile(r"[^\\.^$*+?{}\[\]|()]*")


@lru_cache(maxsize=4096)
def refusal(text: str) -> str | None:
    """Return why the pattern ``text`` is rejected, with the remedy; None if it is accepted."""
    if len(text) > PATTERN_CHARACTERS.value:
        return f"{PATTERN_CHARACTERS.name} is limited to {PATTERN_CHARACTERS.value}, here {len(text)}"
    if _LITERAL.fullmatch(text):
        return None
    fault = syntax_fault(text)
    if fault is not None:
        return fault
    try:
        structure = read_structure(text)
    except (re.error, OverflowError) as error:
        return f"not a pattern: {error}"
    except UnsupportedSyntax as error:
        return str(error)
    return cost_fault(structure)
