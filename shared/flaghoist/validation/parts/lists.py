"""Lists of units: of targets and of segments, normalised to strings and checked."""

from collections.abc import Iterable

from flaghoist.limits import IDENTIFIER_CHARACTERS, INTEGER, LIST_KEYS
from flaghoist.model.context import unit
from flaghoist.text.json_paths import element
from flaghoist.validation.parts.faults import Faults


def normalised(keys: Iterable[str | int]) -> tuple[str, ...]:
    """Return ``keys`` as units in order, integers in decimal, without duplicates; an invalid unit becomes ""."""
    return tuple(dict.fromkeys(unit(key) or "" for key in keys))


def check_list(keys: tuple[str | int, ...], path: str, faults: Faults) -> None:
    """Record the faults of the list of units at ``path``."""
    if not faults.check_limit(LIST_KEYS, len(keys), path):
        return
    longest = IDENTIFIER_CHARACTERS.value
    for index, key in enumerate(keys):
        if isinstance(key, int):
            faults.check_limit(INTEGER, abs(key), element(path, index))
        elif not key:
            faults.add_fault(element(path, index), "a unit is empty: remove it")
        elif len(key) > longest:
            faults.check_limit(IDENTIFIER_CHARACTERS, len(key), element(path, index))
