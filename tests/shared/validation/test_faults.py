"""Collected faults: so many at most, and what comes after them is dropped."""

import pytest

from flaghoist.errors import InputError
from flaghoist.limits import CONTEXT_ATTRIBUTES
from flaghoist.validation.parts.faults import MOST_FAULTS, Faults


def full() -> Faults:
    faults = Faults()
    for number in range(MOST_FAULTS):
        faults.add_fault(f"$[{number}]", "wrong")
    return faults


def test_faults__full__further_ones_are_dropped() -> None:
    faults = full()
    faults.add_fault("$.more", "wrong")
    assert faults.check_limit(CONTEXT_ATTRIBUTES, CONTEXT_ATTRIBUTES.value + 1, "$.attributes") is False

    with pytest.raises(InputError) as caught:
        faults.raise_any()
    assert len(caught.value.faults) == MOST_FAULTS
    assert caught.value.faults[-1].path == f"$[{MOST_FAULTS - 1}]"


def test_limit__within__is_no_fault() -> None:
    faults = Faults()
    assert faults.check_limit(CONTEXT_ATTRIBUTES, CONTEXT_ATTRIBUTES.value, "$.attributes") is True
    assert faults.is_empty
