"""A second evaluator, deliberately plain: it reads as the specification and shares no code with `shared/`.

It works on JSON documents as people write them and takes no short cut, so that it can judge the engine.
"""

from tests.plain.evaluation import evaluate, evaluate_all

__all__ = ["evaluate", "evaluate_all"]
