"""The contents and durations of a run: everything in half an hour, or the core in 5 minutes."""

import msgspec

from bench.inputs.flag_sets import Shape
from bench.inputs.visitors import USUAL_ATTRIBUTES
from bench.measuring.rounds import Pace
from flaghoist.model.flags import Algorithm

SEED = 7
_WARM_ISOLATE_SECONDS = 8.0
"""After this long, V8 has compiled most of a Python Worker's interpreter again; JavaScript takes less."""


class Scenario(msgspec.Struct, frozen=True):
    """A flag set and contexts; ``has_peers`` is false if only our own growth is measured.

    A run continues after the failure of one that is not ``needed``.
    """

    name: str
    shape: Shape
    flags: int
    attributes: int = USUAL_ATTRIBUTES
    has_peers: bool = True
    algorithm: Algorithm = "sha256"
    needed: bool = True


class BenchPlan(msgspec.Struct, frozen=True):
    """One run; ``has_cpython`` says whether SDKs and servers in CPython and Node are measured, too."""

    sizes: tuple[Scenario, ...]
    others: tuple[Scenario, ...]
    pace: Pace
    other_pace: Pace
    cold_starts: int
    refresh_seconds: float
    refresh_turns: int
    in_process_flags: tuple[int, ...]
    in_process_seconds: float
    has_cpython: bool = True

    def core(self) -> "BenchPlan":
        """Return the part that is repeated in further runs: everything with a target."""
        return msgspec.structs.replace(
            self, others=tuple(each for each in self.others if each in MIXED), has_cpython=False
        )


def _mix(flags: int) -> Scenario:
    return Scenario(str(flags), "mix", flags)


def _mixed(flags: int) -> Scenario:
    name = f'rollouts of algorithm "mix", {flags:,} flags'
    return Scenario(name, "mix", flags, has_peers=False, algorithm="mix", needed=False)


def _constants(flags: int) -> Scenario:
    return Scenario(f"constants, {flags:,} flags", "constants", flags, has_peers=False)


ROLLOUTS = Scenario("every flag a rollout", "rollouts", 1_000)
RULES = Scenario("every flag with 5 rules", "rules", 1_000)
ONE_ATTRIBUTE = Scenario("contexts of 1 attribute", "mix", 1_000, 1)
MANY_ATTRIBUTES = Scenario("contexts of 50 attributes", "mix", 1_000, 50)
CONSTANTS = tuple(_constants(flags) for flags in (100, 1_000, 10_000))
MIXED = tuple(_mixed(flags) for flags in (1_000, 10_000))

FULL = BenchPlan(
    sizes=tuple(_mix(flags) for flags in (100, 350, 1_000, 10_000)),
    others=(ROLLOUTS, RULES, ONE_ATTRIBUTE, MANY_ATTRIBUTES, *CONSTANTS, *MIXED),
    pace=Pace(rounds=9, seconds=0.8, least=5, warm_seconds=_WARM_ISOLATE_SECONDS),
    other_pace=Pace(rounds=5, seconds=0.6, least=5, warm_seconds=1.0),
    cold_starts=5,
    refresh_seconds=10.0,
    refresh_turns=4,
    in_process_flags=(100, 1_000, 10_000),
    in_process_seconds=0.6,
)
QUICK = BenchPlan(
    sizes=tuple(_mix(flags) for flags in (100, 1_000, 10_000)),
    others=(CONSTANTS[1], MIXED[0]),
    pace=Pace(rounds=5, seconds=0.3, least=3, warm_seconds=0.4),
    other_pace=Pace(rounds=3, seconds=0.3, least=3, warm_seconds=0.4),
    cold_starts=2,
    refresh_seconds=5.0,
    refresh_turns=2,
    in_process_flags=(1_000,),
    in_process_seconds=0.1,
)
