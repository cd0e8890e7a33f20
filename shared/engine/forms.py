"""The usual shapes of flags: targets, then rules, then a fallthrough; all flags of them are answered together."""

from dataclasses import dataclass

from shared.engine.outcome import Outcome
from shared.engine.serves import Draw, FlagOutcomes, Serve
from shared.model import TARGETING_KEY, Reason
from shared.snapshot.wire import WireClause, WireFlag

MOST_RULES = 8
"""The rules of one flag are the bits of one byte."""


@dataclass(frozen=True, slots=True)
class Form:
    """A flag of a usual shape: sealed runs with the outcome of each, clauses with what they serve, what is left."""

    targets: tuple[tuple[bytes, Outcome], ...]
    rules: tuple[tuple[tuple[WireClause, ...], Serve], ...]
    fallthrough: Serve


def form_of(flag: WireFlag, outcomes: FlagOutcomes) -> Form | None:
    """Return the form of a flag that has one: no prerequisites, no group, few rules, which draw by targeting key."""
    if flag.prerequisites or flag.claim or len(flag.rules) > MOST_RULES:
        return None
    fallthrough = outcomes.of(flag.fallthrough, Reason.DEFAULT)
    rules = tuple((rule.clauses, outcomes.of(rule.serve, Reason.TARGETING_MATCH, rule.id)) for rule in flag.rules)
    draws = [serve for serve in (*(serve for _, serve in rules), fallthrough) if isinstance(serve, Draw)]
    if rules and any(draw.by != TARGETING_KEY for draw in draws):
        return None
    targets = tuple((each.units, outcomes.serve(each.variation, Reason.TARGETING_MATCH)) for each in flag.targets)
    return Form(targets, rules, fallthrough)
