"""A world: a flag set, contexts that ask it, and sticky assignments."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.strategies.contexts import assignments, contexts
from tests.strategies.flagsets import flagsets

Document = dict[str, Any]

CONTEXTS = 3


@dataclass(frozen=True)
class World:
    """Everything that evaluations depend on."""

    flagset: Document
    contexts: list[Document]
    sticky: dict[str, str]


def worlds() -> st.SearchStrategy[World]:
    """Draw a world of three contexts."""
    asked = st.lists(contexts(), min_size=CONTEXTS, max_size=CONTEXTS)
    return st.builds(World, flagset=flagsets(), contexts=asked, sticky=assignments())
