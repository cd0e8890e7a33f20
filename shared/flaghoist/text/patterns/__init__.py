"""Patterns of the operator ``matches``: which are refused. How the others search is in `flaghoist.text.matching`.

The syntax is that of Python's ``re`` without flags: ``\\w``, ``\\d``, ``\\s`` and ``\\b`` know all scripts.
Refused is what can take more than linear time for each of a few repetitions, what authors cannot foresee
(look-around, conditions, inline flags), and what interpreters of different versions read differently (``\\B``,
``\\z``, sets in sets). One difference remains: a character that the older interpreter's Unicode does not have yet is
no letter to it.
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
    """Return why the pattern ``text`` is refused, with the remedy; None if it is fine."""
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
