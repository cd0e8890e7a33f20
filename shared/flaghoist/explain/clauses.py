"""Interpret clauses and segments, step by step."""

from collections.abc import Callable

from flaghoist.explain.steps import Step, shown
from flaghoist.model.context import Context, look_up, unit
from flaghoist.model.flags import TARGETING_KEY, Clause, FlagSet, JsonValue, Operator, Segment
from flaghoist.rules.operators import PREDICATES
from flaghoist.validation.parts.lists import normalised


class ClauseReader:
    """The clauses of one explanation: evaluates them for the context, and records why."""

    def __init__(self, flagset: FlagSet, context: Context, steps: list[Step]) -> None:
        self._segments = flagset.segments
        self._context = context
        self._steps = steps
        self._known: dict[str, bool] = {}

    def all_hold(self, clauses: tuple[Clause, ...], flag: str) -> bool:
        """Return whether every clause holds, tried in order for ``flag``; true without clauses."""
        return all(self._holds(clause, flag) for clause in clauses)

    def _holds(self, clause: Clause, flag: str) -> bool:
        if clause.op is Operator.IN_SEGMENT:
            truth, seen = any(self._in_segment(str(key), flag) for key in clause.values) is not clause.negate, ""
        else:
            value = look_up(self._context, clause.attribute)
            truth, seen = _is_true(clause, value), f"; it is {'missing' if value is None else shown(value)}"
        self._steps.append(Step("clause", truth, _written(clause) + seen, flag))
        return truth

    def _in_segment(self, key: str, flag: str) -> bool:
        if key not in self._known:
            self._known[key] = False
            segment = self._segments.get(key)
            truth, why = (False, "does not exist") if segment is None else self._contains(segment, flag)
            self._known[key] = truth
            self._steps.append(Step("segment", truth, f"segment '{key}': {why}", flag))
        return self._known[key]

    def _contains(self, segment: Segment, flag: str) -> tuple[bool, str]:
        member = unit(look_up(self._context, TARGETING_KEY))
        if member is not None and member in normalised(segment.included):
            return True, "the targetingKey is included"
        if member is not None and member in normalised(segment.excluded):
            return False, "the targetingKey is excluded"
        for index, clauses in enumerate(segment.rules):
            if self.all_hold(clauses, flag):
                return True, f"rules[{index}] holds"
        return False, "the targetingKey is in no list and no rule holds"


def _is_true(clause: Clause, value: JsonValue | None) -> bool:
    if clause.op is Operator.EXISTS:
        return ((value is not None) is clause.values[0]) is not clause.negate
    if value is None:
        return False
    matches = PREDICATES[clause.op](clause.values)
    return _any_element(value, matches) is not clause.negate


def _any_element(value: JsonValue, matches: Callable[[JsonValue], bool]) -> bool:
    elements = value if isinstance(value, list) else [value]
    return any(matches(element) for element in elements)


def _written(clause: Clause) -> str:
    negation = "not " if clause.negate else ""
    subject = f"{clause.attribute} " if clause.attribute else ""
    return f"{subject}{negation}{clause.op} {shown(list(clause.values))}"
