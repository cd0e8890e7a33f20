"""A world: a flag set, contexts that ask it, and sticky assignments."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.strategies.clauses import clauses
from tests.strategies.contexts import assignments, contexts
from tests.strategies.flagsets import flagsets

Document = dict[str, Any]

CONTEXTS = 3
CLAUSES = 12


@dataclass(frozen=True)
class World:
    """Everything that evaluations depend on."""

    flagset: Document
    contexts: list[Document]
    sticky: dict[str, str]


def single_clauses() -> st.SearchStrategy[World]:
    """Draw a world of flags that each turn on one clause and nothing else, so that every clause shows in an answer."""
    drawn = st.lists(clauses(()), min_size=CLAUSES, max_size=CLAUSES)
    asked = st.lists(contexts(), min_size=CONTEXTS, max_size=CONTEXTS)
    return st.builds(World, flagset=drawn.map(_one_flag_each), contexts=asked, sticky=st.just({}))


def worlds() -> st.SearchStrategy[World]:
    """Draw a world of three contexts."""
    asked = st.lists(contexts(), min_size=CONTEXTS, max_size=CONTEXTS)
    return st.builds(World, flagset=flagsets(), contexts=asked, sticky=assignments())


def _one_flag_each(drawn: list[Document]) -> Document:
    flags = {f"{number:02}-{clause['op']}": _flag(clause) for number, clause in enumerate(drawn)}
    return {"flags": flags, "segments": {}, "groups": {}}


def _flag(clause: Document) -> Document:
    rule = {"id": "r", "clauses": [clause], "serve": {"variation": "held"}}
    return {
        "on": True,
        "variations": {"held": True, "not": False},
        "off_variation": "not",
        "rules": [rule],
        "fallthrough": {"variation": "not"},
    }
