"""GrowthBook: the payload of an SDK connection, and an answer that lists each feature's value and source."""

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from flaghoist.model.bucketing import BUCKETS
from flaghoist.model.flags import Clause, Flag, FlagSet, JsonValue, Operator, Rollout

_CONDITIONS: Mapping[Operator, Callable[[Clause], JsonValue]] = {
    Operator.IN: lambda clause: {"$in": clause.values},
    Operator.ENDS_WITH: lambda clause: {"$regex": f"{re.escape(str(clause.values[0]))}$"},
    Operator.SEMVER_LT: lambda clause: {"$vlt": clause.values[0]},
    Operator.SEMVER_GTE: lambda clause: {"$vgte": clause.values[0]},
}


def document(flagset: FlagSet) -> JsonValue:
    """Return the SDK's input."""
    features = {flag.key: _feature(flag) for flag in flagset.flags.values()}
    return {"status": 200, "features": features, "dateUpdated": "2026-01-01T00:00:00.000Z"}


def values(answer: bytes) -> Mapping[str, JsonValue]:
    """Return the value of each flag in an answer."""
    features: dict[str, dict[str, JsonValue]] = msgspec.json.decode(answer)["features"]
    return {key: flag["value"] for key, flag in features.items()}


def _feature(flag: Flag) -> JsonValue:
    served = flag.fallthrough.variation or flag.off_variation
    feature: dict[str, JsonValue] = {"defaultValue": flag.variations[served if flag.on else flag.off_variation]}
    rules = list(_rules(flag)) if flag.on else []
    return {**feature, "rules": rules} if rules else feature


def _rules(flag: Flag) -> Iterator[JsonValue]:
    for target in flag.targets:
        yield {"id": "t", "condition": {"id": {"$in": target.keys}}, "force": flag.variations[target.variation]}
    for rule in flag.rules:
        condition = {clause.attribute: _CONDITIONS[clause.op](clause) for clause in rule.clauses}
        yield {"id": rule.id, "condition": condition, "force": flag.variations[str(rule.serve.variation)]}
    if flag.fallthrough.rollout:
        yield _rollout(flag, flag.fallthrough.rollout)


def _rollout(flag: Flag, rollout: Rollout) -> JsonValue:
    draw: dict[str, JsonValue] = {"id": "ro", "hashAttribute": "id", "hashVersion": 2, "seed": flag.salt}
    shares = [part.weight / BUCKETS for part in rollout.weights]
    if flag.type == "boolean":
        return {**draw, "force": True, "coverage": shares[0]}
    served = [flag.variations[part.variation] for part in rollout.weights]
    return {**draw, "key": flag.key, "variations": served, "weights": shares, "coverage": 1}
