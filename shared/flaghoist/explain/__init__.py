"""Explain an answer: a readable interpreter over the documents; slow and verbose, unlike the engine.

Tests hold that both give the same answers.
"""

from collections.abc import Mapping

from flaghoist.explain.flags import FlagReader
from flaghoist.explain.steps import Explanation, FlagOutcome, Step
from flaghoist.model.context import Context
from flaghoist.model.flags import FlagSet

__all__ = ["Explanation", "FlagOutcome", "Step", "explain"]


def explain(flagset: FlagSet, key: str, context: Context, sticky: Mapping[str, str] | None = None) -> Explanation:
    """Return the answer of the flag ``key`` for ``context``, as a server key gets it, and every step that led to it.

    ``flagset`` is valid; ``sticky`` holds verified assignments, flag key to variation.
    """
    reader = FlagReader(flagset, context, sticky or {})
    answer = reader.answer(key)
    return Explanation(
        answer.variation, answer.value, answer.reason, answer.error_code, answer.metadata, tuple(reader.steps)
    )
