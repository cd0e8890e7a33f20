"""The evaluation context: the caller's data about one user, as a JSON object.

`flaghoist.model.context_checks` checks it once, where it enters. The look-ups here run once per clause and are short.
"""

from collections.abc import Mapping

Context = Mapping[str, object]
"""Attributes by name; every value is a JSON value."""

EDGE = "edge"
EDGE_PREFIX = "edge."


def look_up(context: Context, name: str) -> object | None:
    """Return the attribute ``name``, None if it is missing or null.

    A member with exactly that name comes first; null there ends the look-up. Otherwise the dots in the name are path
    separators through objects, never into arrays.
    """
    if name in context or "." not in name:
        return context.get(name)
    node: object = context
    for part in name.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node


def unit(value: object | None) -> str | None:
    """Return ``value`` as a unit for lists and draws: a non-empty string, or an integer in decimal; else None."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
