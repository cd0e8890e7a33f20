"""Unleash: the client features document; a flag that is not boolean is a feature with variants."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from flaghoist.model.bucketing import BUCKETS
from flaghoist.model.flags import Clause, Flag, FlagSet, JsonValue, Operator, Rollout

_PERMILLE = BUCKETS // 1_000
_CONSTRAINTS: Mapping[Operator, Callable[[Clause], Mapping[str, JsonValue]]] = {
    Operator.IN: lambda clause: {"operator": "IN", "values": clause.values},
    Operator.ENDS_WITH: lambda clause: {"operator": "STR_ENDS_WITH", "values": clause.values},
    Operator.SEMVER_LT: lambda clause: {"operator": "SEMVER_LT", "value": clause.values[0], "values": []},
    Operator.SEMVER_GTE: lambda clause: {
        "operator": "SEMVER_LT",
        "value": clause.values[0],
        "values": [],
        "inverted": True,
    },
}


def document(flagset: FlagSet) -> JsonValue:
    """Return the SDK's input."""
    return {"version": 2, "features": [_feature(flag) for flag in flagset.flags.values()], "segments": []}


def _feature(flag: Flag) -> JsonValue:
    return {
        "name": flag.key,
        "type": "release",
        "enabled": flag.on,
        "stale": False,
        "impressionData": False,
        "project": "default",
        "strategies": list(_strategies(flag)) if flag.on else [],
        "variants": [],
    }


def _strategies(flag: Flag) -> Iterator[JsonValue]:
    """Yield strategies; they can only turn a feature on, so rules that serve false are left out."""
    for target in flag.targets:
        listed = {"contextName": "userId", "operator": "IN", "values": target.keys}
        yield _strategy(flag, [listed], target.variation)
    for rule in flag.rules:
        constraints = [
            {"contextName": clause.attribute, "inverted": False, **_CONSTRAINTS[clause.op](clause)}
            for clause in rule.clauses
        ]
        if not _is_off(flag, str(rule.serve.variation)):
            yield _strategy(flag, constraints, str(rule.serve.variation))
    served, rollout = flag.fallthrough.variation, flag.fallthrough.rollout
    if rollout:
        yield _drawn(flag, rollout)
    elif served and not _is_off(flag, served):
        yield _strategy(flag, [], served)


def _is_off(flag: Flag, variation: str) -> bool:
    return flag.type == "boolean" and flag.variations[variation] is False


def _drawn(flag: Flag, rollout: Rollout) -> JsonValue:
    first = rollout.weights[0]
    if flag.type == "boolean":
        return _strategy(flag, [], first.variation, first.weight * 100 // BUCKETS)
    variants = [_variant(flag, part.variation, part.weight // _PERMILLE) for part in rollout.weights]
    return {**_strategy(flag, [], first.variation), "variants": variants}


def _strategy(flag: Flag, constraints: Sequence[JsonValue], variation: str, percent: int = 100) -> dict[str, JsonValue]:
    return {
        "name": "flexibleRollout",
        "parameters": {"rollout": str(percent), "stickiness": "userId", "groupId": flag.key + flag.salt},
        "constraints": constraints,
        "segments": [],
        "variants": [] if flag.type == "boolean" else [_variant(flag, variation, 1_000)],
    }


def _variant(flag: Flag, variation: str, weight: int) -> JsonValue:
    value = flag.variations[variation]
    kind = {str: "string", float: "number"}.get(type(value), "json")
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return {
        "name": variation,
        "payload": {"type": kind, "value": text},
        "weight": weight,
        "weightType": "variable",
        "stickiness": "userId",
    }
