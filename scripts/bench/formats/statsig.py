"""Statsig: the config specs that a server SDK downloads, and the answer that a client SDK is initialised with."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from flaghoist.model.bucketing import BUCKETS
from flaghoist.model.flags import Clause, Flag, FlagSet, JsonValue, Operator

_BY_USER: Mapping[str, JsonValue] = {"idType": "userID", "isDeviceBased": False}
_BUCKETS = 1_000
_EVERYONE: Mapping[str, JsonValue] = {"type": "public", "operator": None, "field": None, "targetValue": None}
_CONDITIONS: Mapping[Operator, Callable[[Clause], Mapping[str, JsonValue]]] = {
    Operator.IN: lambda clause: {"operator": "any", "targetValue": clause.values},
    Operator.ENDS_WITH: lambda clause: {"operator": "str_ends_with_any", "targetValue": clause.values},
    Operator.SEMVER_LT: lambda clause: {"operator": "version_lt", "targetValue": clause.values[0]},
    Operator.SEMVER_GTE: lambda clause: {"operator": "version_gte", "targetValue": clause.values[0]},
}


def document(flagset: FlagSet) -> JsonValue:
    """Return the SDK's input: boolean flags are gates, all others dynamic configs."""
    flags = flagset.flags.values()
    return {
        "feature_gates": [_spec(flag, "feature_gate") for flag in flags if _is_gate(flag)],
        "dynamic_configs": [_spec(flag, "dynamic_config") for flag in flags if not _is_gate(flag)],
        "layer_configs": [],
        "layers": {},
        "id_lists": {},
        "has_updates": True,
        "time": 1_700_000_000_000,
    }


def values(answer: bytes) -> Mapping[str, JsonValue]:
    """Return the value of each flag in an answer."""
    decoded = msgspec.json.decode(answer)
    gates = {key: gate["value"] for key, gate in decoded["feature_gates"].items()}
    return {**gates, **{key: config["value"]["value"] for key, config in decoded["dynamic_configs"].items()}}


def _is_gate(flag: Flag) -> bool:
    return flag.type == "boolean"


def _spec(flag: Flag, kind: str) -> JsonValue:
    return {
        **_BY_USER,
        "name": flag.key,
        "type": kind,
        "entity": kind,
        "salt": flag.salt,
        "enabled": flag.on,
        "defaultValue": False if _is_gate(flag) else _returned(flag, flag.off_variation),
        "rules": list(_rules(flag)) if flag.on else [],
        "version": flag.version,
    }


def _returned(flag: Flag, variation: str) -> JsonValue:
    return True if _is_gate(flag) else {"value": flag.variations[variation]}


def _rule(flag: Flag, name: str, conditions: Sequence[JsonValue], variation: str, percent: float = 100) -> JsonValue:
    """Return a rule; a gate cannot return false, so a rule that serves false matches nobody."""
    is_off = _is_gate(flag) and flag.variations[variation] is False
    return {
        **_BY_USER,
        "name": name,
        "id": name,
        "groupName": name,
        "salt": flag.salt + name,
        "passPercentage": 0 if is_off else percent,
        "conditions": conditions,
        "returnValue": _returned(flag, variation),
    }


def _rules(flag: Flag) -> Iterator[JsonValue]:
    for target in flag.targets:
        listed = _condition({"type": "unit_id", "operator": "any", "field": None, "targetValue": target.keys})
        yield _rule(flag, "t0", [listed], target.variation)
    for rule in flag.rules:
        tests = [
            _condition({"type": "user_field", "field": clause.attribute, **_CONDITIONS[clause.op](clause)})
            for clause in rule.clauses
        ]
        yield _rule(flag, rule.id, tests, str(rule.serve.variation))
    yield from _fallthrough(flag)


def _fallthrough(flag: Flag) -> Iterator[JsonValue]:
    rollout = flag.fallthrough.rollout
    if rollout is None:
        yield _rule(flag, "all", [_condition(_EVERYONE)], str(flag.fallthrough.variation))
    elif _is_gate(flag):
        first = rollout.weights[0]
        yield _rule(flag, "ro", [_condition(_EVERYONE)], first.variation, first.weight * 100 / BUCKETS)
    else:
        below = 0
        for part in rollout.weights:
            below += part.weight * _BUCKETS // BUCKETS
            bucket = {"type": "user_bucket", "operator": "lt", "field": None, "targetValue": below}
            salted = {**_condition(bucket), "additionalValues": {"salt": flag.salt}}
            yield _rule(flag, f"ro{part.variation}", [salted], part.variation)


def _condition(test: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {"additionalValues": {}, **_BY_USER, **test}
