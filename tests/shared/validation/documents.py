"""Documents for tests of validation: a good one, what is changed in it, and the faults that follow."""

from collections.abc import Callable
from typing import Any

import pytest

from flaghoist.errors import Fault, InputError

Document = dict[str, Any]


def a_document(**changes: object) -> Document:
    """Return the JSON of a flag with the variations ``on`` and ``off``, with these members changed."""
    required: Document = {
        "key": "checkout",
        "variations": {"on": True, "off": False},
        "off_variation": "off",
        "fallthrough": {"variation": "off"},
    }
    return {**required, **changes}


def a_rule_document(*clauses: object, **serve: object) -> Document:
    """Return the JSON of a rule ``r`` that serves ``on`` unless told otherwise."""
    return {"id": "r", "clauses": list(clauses), "serve": serve or {"variation": "on"}}


def a_rollout_document(*weights: tuple[str, int], **members: object) -> Document:
    """Return the JSON of something that serves a rollout."""
    listed = [{"variation": name, "weight": weight} for name, weight in weights]
    return {"rollout": {"weights": listed, **members}}


def faults_of(action: Callable[[], object]) -> tuple[Fault, ...]:
    """Return the faults for which ``action`` is refused."""
    with pytest.raises(InputError) as raised:
        action()
    return raised.value.faults


def the_fault_of(action: Callable[[], object]) -> Fault:
    """Return the one fault for which ``action`` is refused."""
    [fault] = faults_of(action)
    return fault
