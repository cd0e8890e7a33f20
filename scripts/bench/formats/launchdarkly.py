"""LaunchDarkly: the document under a client-side id in its edge store, and the answer of ``allFlagsState``."""

from collections.abc import Mapping, Sequence

import msgspec

from flaghoist.model.flags import Clause, Flag, FlagSet, JsonValue, Operator, Serve

_OPERATORS: Mapping[Operator, tuple[str, bool]] = {
    Operator.IN: ("in", False),
    Operator.ENDS_WITH: ("endsWith", False),
    Operator.SEMVER_LT: ("semVerLessThan", False),
    Operator.SEMVER_GTE: ("semVerLessThan", True),
}
"""LaunchDarkly's name of the operator, and whether it is negated."""


def document(flagset: FlagSet) -> JsonValue:
    """Return the SDK's input."""
    return {"flags": {flag.key: _flag(flag) for flag in flagset.flags.values()}, "segments": {}}


def values(answer: bytes) -> Mapping[str, JsonValue]:
    """Return the value of each flag in an answer."""
    decoded: dict[str, JsonValue] = msgspec.json.decode(answer)
    return {key: value for key, value in decoded.items() if not key.startswith("$")}


def _flag(flag: Flag) -> JsonValue:
    names = list(flag.variations)
    return {
        "key": flag.key,
        "version": flag.version,
        "on": flag.on,
        "deleted": False,
        "prerequisites": [],
        "salt": flag.salt,
        "clientSide": True,
        "clientSideAvailability": {"usingEnvironmentId": True, "usingMobileKey": True},
        "targets": [{"variation": names.index(each.variation), "values": each.keys} for each in flag.targets],
        "contextTargets": [],
        "rules": [
            {"id": rule.id, "trackEvents": False, "clauses": _clauses(rule.clauses), **_serve(rule.serve, names)}
            for rule in flag.rules
        ],
        "fallthrough": _serve(flag.fallthrough, names),
        "offVariation": names.index(flag.off_variation),
        "variations": list(flag.variations.values()),
        "trackEvents": False,
        "trackEventsFallthrough": False,
        "debugEventsUntilDate": None,
    }


def _serve(serve: Serve, names: Sequence[str]) -> dict[str, JsonValue]:
    if serve.rollout is None:
        return {"variation": names.index(str(serve.variation))}
    weights = [{"variation": names.index(part.variation), "weight": part.weight} for part in serve.rollout.weights]
    return {"rollout": {"contextKind": "user", "bucketBy": "key", "variations": weights}}


def _clauses(clauses: Sequence[Clause]) -> list[JsonValue]:
    return [_clause(clause) for clause in clauses]


def _clause(clause: Clause) -> JsonValue:
    op, negate = _OPERATORS[clause.op]
    return {
        "attribute": clause.attribute,
        "contextKind": "user",
        "op": op,
        "values": clause.values,
        "negate": negate,
    }
