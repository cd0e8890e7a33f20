"""How tests put an engine together and hold its answers against others."""

from collections.abc import Mapping
from typing import Any

from flaghoist.engine.engine import Engine
from flaghoist.engine.load import load
from flaghoist.model.flags import FlagSet
from flaghoist.model.outcome import Outcome
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from tests.in_worker.cases_worker import ENVIRONMENT, SECRET, described, identical
from tests.strategies import World

SEALER = Sealer(SECRET, ENVIRONMENT)


def engine_of(flagset: FlagSet) -> tuple[Engine, tuple[str, ...]]:
    """Return a flag set packed and loaded again, and the attributes that it reads."""
    packed = pack(flagset, SEALER).packed
    return load(packed.shards, packed.blobs, SEALER).engine, packed.attributes


def answers(outcomes: list[Outcome]) -> dict[str, dict[str, Any]]:
    """Return outcomes by flag key, in their order."""
    return {outcome.flag_key: described(outcome) for outcome in outcomes}


def assert_same(got: Mapping[str, Any], wanted: Mapping[str, Any], world: World, context: object) -> None:
    """Fail with the first flag on which the two sides differ."""
    assert list(got) == list(wanted), f"not the same flags in the same order: {list(got)}, {list(wanted)}"
    for key, answer in wanted.items():
        assert identical(got[key], answer), f"{key}: engine {got[key]}, plain {answer}, {context=}, {world.sticky=}"
