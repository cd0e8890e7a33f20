"""Turn one flag or segment into its wire form: indices for names, bounds for weights, sealed runs for lists."""

from collections.abc import Callable
from itertools import accumulate

import msgspec

from flaghoist.model.bucketing import draw_prefix
from flaghoist.model.flags import TARGETING_KEY, Clause, Flag, Group, Operator, Rule, Segment, Serve
from flaghoist.model.outcome import Reason
from flaghoist.snapshot.sealing import Sealer, seal_run
from flaghoist.snapshot.wire import (
    A_MIXED_ROLLOUT,
    A_ROLLOUT,
    IN_SEALED,
    NOT_CONSTANT,
    WireClaim,
    WireClause,
    WireFlag,
    WirePrerequisite,
    WireRule,
    WireSegment,
    WireServe,
    WireTarget,
)

_ROLLOUTS = {"sha256": A_ROLLOUT, "mix": A_MIXED_ROLLOUT}


def encode_flag(flag: Flag, group: Group | None, sealer: Sealer) -> WireFlag:
    """Return the wire form of a valid flag; ``group`` is the group that it claims a range of, if any."""
    names = tuple(flag.variations)
    index = {name: position for position, name in enumerate(names)}
    constant, reason = _fold(flag, index)
    bare = WireFlag(
        key=flag.key,
        version=flag.version,
        client_visible=flag.client_visible,
        strong=flag.consistency == "strong",
        sticky=flag.sticky,
        names=names,
        values=tuple(msgspec.json.encode(value) for value in flag.variations.values()),
        off=index[flag.off_variation],
        constant=constant,
        reason=reason,
        fallthrough=_serve(flag.fallthrough, flag, index) if constant == NOT_CONSTANT else WireServe(constant),
    )
    if constant != NOT_CONSTANT:
        return bare
    return msgspec.structs.replace(
        bare,
        prerequisites=tuple(WirePrerequisite(each.flag, each.variations) for each in flag.prerequisites),
        claim=_claim(flag, group),
        targets=tuple(
            WireTarget(index[target.variation], seal_run(target.keys, _sealed_unit(sealer)))
            for target in flag.targets
            if target.keys
        ),
        rules=tuple(_rule(rule, flag, index, sealer) for rule in flag.rules),
    )


def encode_segment(segment: Segment, sealer: Sealer) -> WireSegment:
    """Return the wire form of a valid segment."""
    return WireSegment(
        segment.key,
        seal_run(segment.included, _sealed_unit(sealer)),
        seal_run(segment.excluded, _sealed_unit(sealer)),
        tuple(tuple(_clause(clause, sealer) for clause in clauses) for clauses in segment.rules),
    )


def _sealed_unit(sealer: Sealer) -> Callable[[str | int], bytes]:
    return lambda unit: sealer.unit(str(unit))


def _fold(flag: Flag, index: dict[str, int]) -> tuple[int, str]:
    """Return the variation and reason of a flag that no context can change."""
    if not flag.on:
        return index[flag.off_variation], Reason.DISABLED.value
    conditional = flag.targets or flag.rules or flag.prerequisites or flag.group
    if conditional or flag.fallthrough.variation is None:
        return NOT_CONSTANT, ""
    return index[flag.fallthrough.variation], Reason.STATIC.value


def _serve(serve: Serve, flag: Flag, index: dict[str, int]) -> WireServe:
    if serve.rollout is None:
        assert serve.variation is not None, "validation holds that a serve has a variation or a rollout"
        return WireServe(index[serve.variation])
    rollout = serve.rollout
    return WireServe(
        _ROLLOUTS[rollout.algorithm],
        rollout.by,
        draw_prefix(rollout.salt or flag.salt, flag.key),
        tuple(accumulate(weight.weight for weight in rollout.weights)),
        tuple(index[weight.variation] for weight in rollout.weights),
    )


def _claim(flag: Flag, group: Group | None) -> WireClaim | None:
    if flag.group is None or group is None:
        return None
    low, high = flag.group.range
    return WireClaim(group.key, draw_prefix(group.salt, group.key), low, high)


def _rule(rule: Rule, flag: Flag, index: dict[str, int], sealer: Sealer) -> WireRule:
    clauses = tuple(_clause(clause, sealer) for clause in rule.clauses)
    return WireRule(rule.id, clauses, _serve(rule.serve, flag, index))


def _clause(clause: Clause, sealer: Sealer) -> WireClause:
    if clause.op is Operator.IN and clause.attribute == TARGETING_KEY:
        return WireClause(IN_SEALED, clause.attribute, (), clause.negate, seal_run(clause.values, sealer.scalar))
    return WireClause(clause.op.value, clause.attribute, clause.values, clause.negate)
