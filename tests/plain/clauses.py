"""Whether a clause holds for a context, and whether a context is in a segment."""

from tests.plain.attributes import is_listed, look_up, unit
from tests.plain.documents import Document
from tests.plain.operators import OPERATORS


def all_hold(clauses: list[Document], context: Document, flagset: Document) -> bool:
    """Say whether every clause holds; an empty list does."""
    return all(holds(clause, context, flagset) for clause in clauses)


def holds(clause: Document, context: Document, flagset: Document) -> bool:
    """Say whether one clause holds: any value matches, and ``negate`` inverts that whole result."""
    negate = clause.get("negate", False)
    if clause["op"] == "in_segment":
        matched = any(is_in_segment(key, context, flagset) for key in clause["values"])
        return bool(matched != negate)
    attribute = look_up(context, clause["attribute"])
    if clause["op"] == "exists":
        matched = any((attribute is not None) is wanted for wanted in clause["values"])
        return bool(matched != negate)
    if attribute is None:
        return False  # missing or null: false, negated or not
    candidates = attribute if isinstance(attribute, list) else [attribute]
    matches = OPERATORS[clause["op"]]
    matched = any(matches(candidate, value) for candidate in candidates for value in clause["values"])
    return bool(matched != negate)


def is_in_segment(key: str, context: Document, flagset: Document) -> bool:
    """Say whether the context is in a segment: included, else excluded, else the rules.

    A missing unit skips the lists, not the rules.
    """
    segment = flagset["segments"][key]
    if is_listed(unit(context), segment.get("included", [])):
        return True
    if is_listed(unit(context), segment.get("excluded", [])):
        return False
    return any(all_hold(clauses, context, flagset) for clauses in segment.get("rules", []))
