"""How an attribute is found in a context, and which attributes count as a unit."""

from tests.plain.documents import Document


def look_up(context: Document, name: str) -> object:
    """Return the attribute, or None when it is missing or null."""
    if name in context:
        return context[name]
    current: object = context
    for step in name.split("."):
        if not isinstance(current, dict) or step not in current:
            return None
        current = current[step]
    return current


def unit(context: Document, by: str = "targetingKey") -> str | None:
    """Return the unit under ``by``, or None when it counts as missing."""
    value = look_up(context, by)
    if isinstance(value, str) and value != "":
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def is_listed(unit_: str | None, keys: list[str | int]) -> bool:
    """Say whether a list of keys names the unit; a missing unit is on no list."""
    return unit_ is not None and unit_ in [str(key) for key in keys]
