"""Faults of documents that are not asked about: they are reported for those that are, or not at all."""

import msgspec

from flaghoist.model.flags import Target
from flaghoist.validation.documents.flags import check_own
from flaghoist.validation.parts.faults import MOST_FAULTS, Faults
from flaghoist.validation.sets.cycles import check_graph
from flaghoist.validation.sets.ranges import check_ranges
from tests.builders import a_flag


def test_cycle__of_documents_without_a_path__is_not_reported() -> None:
    faults = Faults()
    graph = {"one": [("$.a", "other")], "other": [("$.b", "one")]}
    check_graph(graph, "prerequisites", {}, faults)
    assert faults.is_empty


def test_ranges__of_flags_without_a_path__are_not_reported() -> None:
    flags = [a_flag(key).in_group("g", 0, 10).build() for key in ("one", "other")]
    faults = Faults()
    check_ranges(flags, {}, faults)
    assert faults.is_empty

    check_ranges(flags, {"one": "$"}, faults)
    assert not faults.is_empty


def test_targets__after_enough_faults__are_not_compared() -> None:
    faults = Faults()
    for number in range(MOST_FAULTS):
        faults.add_fault(f"$[{number}]", "wrong")
    targets = (Target(variation="on", keys=("ada",)), Target(variation="off", keys=("ada",)))
    check_own(msgspec.structs.replace(a_flag("release").build(), targets=targets), "$", faults)
    assert faults.is_full
