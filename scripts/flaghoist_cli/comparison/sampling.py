"""Generate contexts that reach the rules of a flag set: attributes get values that clauses name, or similar ones."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random

from flaghoist.model.context import EDGE_PREFIX, Context
from flaghoist.model.flags import TARGETING_KEY, Clause, Flag, FlagSet, Scalar, Serve

MOST_ATTRIBUTES = 24
NAMELESS_SHARE = 0.1
UNITS = 100_000


def sample_contexts(flagset: FlagSet, count: int, seed: int) -> tuple[Context, ...]:
    """Return ``count`` contexts; equal arguments give equal contexts."""
    random = Random(seed)
    pools = _pools(flagset)
    names = sorted(pools)
    return tuple(_sample(random, names, pools) for _ in range(count))


def clauses_of(flagset: FlagSet) -> Iterator[Clause]:
    """Yield every clause of every flag and segment."""
    for flag in flagset.flags.values():
        for rule in flag.rules:
            yield from rule.clauses
    for segment in flagset.segments.values():
        for clauses in segment.rules:
            yield from clauses


def _sample(random: Random, names: list[str], pools: Mapping[str, list[Scalar]]) -> Context:
    chosen = random.sample(names, random.randint(0, min(len(names), MOST_ATTRIBUTES)))
    context: dict[str, object] = {name: random.choice(pools[name]) for name in chosen}
    if random.random() >= NAMELESS_SHARE:
        context.setdefault(TARGETING_KEY, f"user-{random.randrange(UNITS)}")
    return context


def _pools(flagset: FlagSet) -> dict[str, list[Scalar]]:
    """Return the possible values of each attribute; attributes that the edge adds are left out."""
    pools: dict[str, list[Scalar]] = {}
    for clause in clauses_of(flagset):
        if clause.attribute and not clause.attribute.startswith(EDGE_PREFIX):
            pools.setdefault(clause.attribute, []).extend(_near(clause.values))
    for name in {by for flag in flagset.flags.values() for by in _drawn_by(flag)}:
        pools.setdefault(name, []).extend(f"unit-{number}" for number in range(UNITS)[:50])
    named = [key for flag in flagset.flags.values() for target in flag.targets for key in target.keys]
    named += [key for segment in flagset.segments.values() for key in (*segment.included, *segment.excluded)]
    if named:
        pools.setdefault(TARGETING_KEY, []).extend(named)
    return pools


def _near(values: Iterable[Scalar]) -> Iterator[Scalar]:
    for value in values:
        yield value
        if isinstance(value, str):
            yield f"{value}-"
        elif not isinstance(value, bool):
            yield from (value - 1, value + 1)


def _drawn_by(flag: Flag) -> Iterator[str]:
    serves: list[Serve] = [flag.fallthrough, *(rule.serve for rule in flag.rules)]
    return (serve.rollout.by for serve in serves if serve.rollout)
