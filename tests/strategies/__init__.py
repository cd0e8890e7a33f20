"""Random flag sets, contexts and assignments for Hypothesis: valid, small, and close enough to each other to match."""

from tests.strategies.contexts import assignments, contexts
from tests.strategies.flagsets import flagsets
from tests.strategies.worlds import World, single_clauses, worlds

__all__ = ["World", "assignments", "contexts", "flagsets", "single_clauses", "worlds"]
