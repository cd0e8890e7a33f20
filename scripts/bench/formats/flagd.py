"""flagd: a flag definition with JsonLogic targeting, and an answer that lists the results of ``resolveAll``."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from flaghoist.model.flags import TARGETING_KEY, Clause, Flag, FlagSet, JsonValue, Operator

_CONDITIONS: Mapping[Operator, Callable[[JsonValue, Clause], JsonValue]] = {
    Operator.IN: lambda read, clause: {"in": [read, clause.values]},
    Operator.ENDS_WITH: lambda read, clause: {"ends_with": [read, clause.values[0]]},
    Operator.SEMVER_LT: lambda read, clause: {"sem_ver": [read, "<", clause.values[0]]},
    Operator.SEMVER_GTE: lambda read, clause: {"sem_ver": [read, ">=", clause.values[0]]},
}


def document(flagset: FlagSet) -> JsonValue:
    """Return the SDK's input."""
    return {"flags": {flag.key: _flag(flag) for flag in flagset.flags.values()}}


def values(answer: bytes) -> Mapping[str, JsonValue]:
    """Return the value of each flag in an answer."""
    return {flag["key"]: flag["value"] for flag in msgspec.json.decode(answer)["flags"]}


def _flag(flag: Flag) -> JsonValue:
    served = flag.fallthrough.variation or flag.off_variation
    default = served if flag.on else flag.off_variation
    made: dict[str, JsonValue] = {"state": "ENABLED", "variants": flag.variations, "defaultVariant": default}
    targeting = _targeting(flag, default) if flag.on else None
    return {**made, "targeting": targeting} if targeting else made


def _targeting(flag: Flag, default: str) -> JsonValue:
    rollout = flag.fallthrough.rollout
    draw: JsonValue = rollout and {"fractional": [[part.variation, part.weight] for part in rollout.weights]}
    branches = list(_branches(flag))
    return {"if": [*branches, draw or default]} if branches else draw


def _branches(flag: Flag) -> Iterator[JsonValue]:
    """Yield conditions and variants in turn, in the form of JsonLogic's ``if``."""
    for target in flag.targets:
        yield from ({"in": [{"var": TARGETING_KEY}, target.keys]}, target.variation)
    for rule in flag.rules:
        tests = [_CONDITIONS[clause.op]({"var": clause.attribute}, clause) for clause in rule.clauses]
        yield from (tests[0] if len(tests) == 1 else {"and": tests}, rule.serve.variation)
