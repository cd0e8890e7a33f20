"""Seeded flag sets for measurements: a realistic mix, and sets of one kind only."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Literal

from msgspec.structs import replace

from bench.inputs.visitors import COUNTRIES, DOMAINS, PLANS, POOL, app_version, user_id
from flaghoist.model.bucketing import BUCKETS
from flaghoist.model.flags import (
    Algorithm,
    Clause,
    Flag,
    FlagSet,
    FlagType,
    JsonValue,
    Operator,
    Rollout,
    Rule,
    Serve,
    Weight,
)
from flaghoist.model.flags import Target as FlagTarget
from flaghoist.validation import validate

Shape = Literal["mix", "rollouts", "rules", "constants"]
Kind = Literal["off", "fixed", "rollout", "rules", "targets"]

SHARES: Mapping[Shape, Mapping[Kind, float]] = {
    "mix": {"off": 0.30, "fixed": 0.30, "rollout": 0.25, "rules": 0.10, "targets": 0.05},
    "rollouts": {"rollout": 1.0},
    "rules": {"rules": 1.0},
    "constants": {"off": 0.5, "fixed": 0.5},
}
"""The share of each kind in a set."""

RULES_OF: Mapping[Shape, tuple[int, int]] = {"rules": (5, 5)}
FEW_RULES = (2, 3)
TARGETED_USERS = 50
FLAG_VERSION = 7

_TYPES: tuple[tuple[float, FlagType], ...] = ((0.80, "boolean"), (0.92, "string"), (0.96, "float"), (1.0, "object"))
_AREAS = ("checkout", "search", "profile", "billing", "onboarding", "dashboard", "editor", "mobile", "admin", "inbox")
_NOUNS = (
    "layout",
    "fast-path",
    "banner",
    "limits",
    "cache",
    "upsell",
    "theme",
    "ranking",
    "tooltip",
    "export",
    "retry",
)
_TEXTS = ("control", "blue", "green", "compact", "large", "v2", "v3-experimental")
_NUMBERS = (0.5, 1.5, 5.5, 10.25, 25.5, 50.5, 100.5)
_PERCENT = BUCKETS // 100


def flag_set(shape: Shape, count: int, seed: int, algorithm: Algorithm = "sha256") -> FlagSet:
    """Return a valid set of ``count`` flags, all visible to clients; the same arguments give the same set.

    ``algorithm`` is used by all rollouts; raise InputError if this version does not support it.
    """
    random = Random(f"{shape} {count} {seed}")
    kinds = list(_kinds(SHARES[shape], count))
    random.shuffle(kinds)
    rules = RULES_OF.get(shape, FEW_RULES)
    flags = [_drawn_by(algorithm, _flag(random, number, kind, rules)) for number, kind in enumerate(kinds)]
    made = FlagSet(flags={flag.key: flag for flag in flags})
    validate(made)
    return made


def _drawn_by(algorithm: Algorithm, flag: Flag) -> Flag:
    rollout = flag.fallthrough.rollout
    if rollout is None or rollout.algorithm == algorithm:
        return flag
    return replace(flag, fallthrough=Serve(rollout=replace(rollout, algorithm=algorithm)))


def _kinds(shares: Mapping[Kind, float], count: int) -> Iterator[Kind]:
    """Yield ``count`` kinds in the shares' proportion; rounding falls on the last kind."""
    *earlier, last = shares
    left = count
    for kind in earlier:
        part = round(count * shares[kind])
        left -= part
        yield from (kind for _ in range(part))
    yield from (last for _ in range(left))


def _flag(random: Random, number: int, kind: Kind, rules: tuple[int, int]) -> Flag:
    drawn = random.random()
    flag_type = next(name for below, name in _TYPES if drawn < below)
    values = _VALUES[flag_type](random, number)
    names = tuple(f"v{index}" for index in range(len(values)))
    fixed = names[0] if flag_type == "boolean" else random.choice(names)
    fallthrough = _rollout(random, names) if kind in {"rollout", "rules"} else Serve(variation=fixed)
    return Flag(
        key=f"{random.choice(_AREAS)}-{random.choice(_NOUNS)}-{number:05}",
        type=flag_type,
        on=kind != "off",
        salt=f"{random.getrandbits(31):08x}",
        client_visible=True,
        variations=dict(zip(names, values, strict=True)),
        off_variation=names[-1],
        targets=_targets(random, names[0]) if kind == "targets" else (),
        rules=tuple(_rules(random, names, random.randint(*rules))) if kind == "rules" else (),
        fallthrough=Serve(variation=names[-1]) if kind == "targets" else fallthrough,
        version=FLAG_VERSION,
    )


def _objects(random: Random, number: int) -> list[JsonValue]:
    shown: list[JsonValue] = [
        {"title": f"Variant {name} {number}", "limit": random.randint(1, 100), "enabled": True} for name in "AB"
    ]
    return [*shown, {"title": "off", "limit": 0, "enabled": False}]


_VALUES: Mapping[FlagType, Callable[[Random, int], list[JsonValue]]] = {
    "boolean": lambda _random, _number: [True, False],
    "string": lambda random, _number: list(random.sample(_TEXTS, 3)),
    "float": lambda random, _number: list(random.sample(_NUMBERS, 3)),
    "object": _objects,
}


def _rollout(random: Random, names: tuple[str, ...]) -> Serve:
    """Return a rollout in whole percents; the last variation gets the rest."""
    low, high = (1, 99) if len(names) == 2 else (10, 40)
    shares = [random.randint(low, high) for _ in names[1:]]
    parts = [*shares, 100 - sum(shares)]
    weights = [Weight(name, part * _PERCENT) for name, part in zip(names, parts, strict=True)]
    return Serve(rollout=Rollout(tuple(weights)))


def _targets(random: Random, variation: str) -> tuple[FlagTarget, ...]:
    users = [user_id(number) for number in random.sample(range(POOL), TARGETED_USERS)]
    return (FlagTarget(variation, tuple(users)),)


def _rules(random: Random, names: tuple[str, ...], count: int) -> Iterator[Rule]:
    for number in range(count):
        attributes = random.sample(sorted(_CLAUSES), random.randint(1, 2))
        clauses = tuple(_CLAUSES[attribute](random) for attribute in attributes)
        yield Rule(f"r{number}", clauses, Serve(variation=random.choice(names)))


def _version_clause(random: Random) -> Clause:
    op = Operator.SEMVER_GTE if random.random() < 0.7 else Operator.SEMVER_LT
    return Clause(op, (app_version(random),), "appVersion")


_CLAUSES: Mapping[str, Callable[[Random], Clause]] = {
    "country": lambda random: Clause(Operator.IN, tuple(random.sample(COUNTRIES, random.randint(1, 5))), "country"),
    "plan": lambda random: Clause(Operator.IN, tuple(random.sample(PLANS, random.randint(1, 2))), "plan"),
    "appVersion": _version_clause,
    "email": lambda random: Clause(Operator.ENDS_WITH, (f"@{random.choice(DOMAINS)}",), "email"),
}
