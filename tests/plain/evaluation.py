"""The order of evaluation, stage by stage, as the specification numbers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.plain.attributes import is_listed, unit
from tests.plain.bucketing import BUCKET_BY, bucket, owner
from tests.plain.clauses import all_hold
from tests.plain.documents import Document

Sticky = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """Everything that an evaluation depends on; ``sticky`` maps flag keys to verified assignments."""

    flagset: Document
    context: Document
    sticky: Sticky = field(default_factory=dict)


def evaluate(flagset: Document, key: str, context: Document, *, sticky: Sticky | None = None) -> Document:
    """Evaluate one flag; return variation, value, reason, errorCode and metadata, all always present."""
    return _evaluate(Question(flagset, context, sticky or {}), key)


def evaluate_all(
    flagset: Document, context: Document, *, client_only: bool = False, sticky: Sticky | None = None
) -> dict[str, Document]:
    """Evaluate every flag that is not archived (for clients: every visible one), sorted by key."""
    answers = {}
    for key in sorted(flagset["flags"]):
        flag = flagset["flags"][key]
        if flag.get("archived", False) or (client_only and not flag.get("client_visible", False)):
            continue
        answers[key] = evaluate(flagset, key, context, sticky=sticky)
    return answers


def _evaluate(question: Question, key: str) -> Document:
    flag = question.flagset["flags"].get(key)
    if flag is None or flag.get("archived", False):  # 1. archived or unknown
        return _error("FLAG_NOT_FOUND")
    for stage in STAGES:
        answer = stage(question, {**flag, "key": key})
        if answer is not None:
            return answer
    raise AssertionError("the fallthrough always answers")


def _off(_question: Question, flag: Document) -> Document | None:
    """1. A flag that is off serves its off variation."""
    if flag.get("on", False):
        return None
    return _served(flag, flag["off_variation"], "DISABLED")


def _prerequisites(question: Question, flag: Document) -> Document | None:
    """2. The first prerequisite that is not met ends the evaluation."""
    for prerequisite in flag.get("prerequisites", []):
        if not _is_met(question, prerequisite):
            return _served(flag, flag["off_variation"], "DEFAULT", prerequisiteFailed=prerequisite["flag"])
    return None


def _is_met(question: Question, prerequisite: Document) -> bool:
    """On, not archived, free of error, and serving one of the named variations; depth first."""
    required = question.flagset["flags"].get(prerequisite["flag"], {})
    if required.get("archived", False) or not required.get("on", False):
        return False
    answer = _evaluate(question, prerequisite["flag"])
    return answer["errorCode"] is None and answer["variation"] in prerequisite["variations"]


def _group(question: Question, flag: Document) -> Document | None:
    """3. Outside the flag's range of its group the off variation is served; without a unit, an error."""
    if flag.get("group") is None:
        return None
    member = unit(question.context)
    if member is None:
        return _error("TARGETING_KEY_MISSING")
    group_key = flag["group"]["key"]
    start, end = flag["group"]["range"]
    if start <= bucket(question.flagset["groups"][group_key].get("salt", ""), group_key, member) < end:
        return None
    return _served(flag, flag["off_variation"], "DEFAULT", excludedBy=group_key)


def _targets(question: Question, flag: Document) -> Document | None:
    """4. Individual targets; a missing unit is no target."""
    for target in flag.get("targets", []):
        if is_listed(unit(question.context), target.get("keys", [])):
            return _served(flag, target["variation"], "TARGETING_MATCH")
    return None


def _rules(question: Question, flag: Document) -> Document | None:
    """5. The first rule of which all clauses hold serves."""
    for rule in flag.get("rules", []):
        if not all_hold(rule["clauses"], question.context, question.flagset):
            continue
        if rule["serve"].get("rollout") is not None:
            return _draw(question, flag, rule["serve"]["rollout"], ruleId=rule["id"])
        return _served(flag, rule["serve"]["variation"], "TARGETING_MATCH", ruleId=rule["id"])
    return None


def _fallthrough(question: Question, flag: Document) -> Document:
    """6. What is left: STATIC only for a flag that could never have answered otherwise, by its structure."""
    serve = flag["fallthrough"]
    if serve.get("rollout") is not None:
        return _draw(question, flag, serve["rollout"])
    is_targeted = any(flag.get(part) for part in ("targets", "rules", "prerequisites", "group"))
    return _served(flag, serve["variation"], "DEFAULT" if is_targeted else "STATIC")


STAGES: tuple[Callable[[Question, Document], Document | None], ...] = (
    _off,
    _prerequisites,
    _group,
    _targets,
    _rules,
    _fallthrough,
)


def _draw(question: Question, flag: Document, rollout: Document, **metadata: str) -> Document:
    """Draw a variation by the unit's bucket, unless a sticky assignment replaces the draw."""
    drawn_by = unit(question.context, rollout.get("by", "targetingKey"))
    if drawn_by is None:
        return _error("TARGETING_KEY_MISSING")
    kept = question.sticky.get(flag["key"]) if flag.get("sticky", False) else None
    if kept in [entry["variation"] for entry in rollout["weights"]]:
        return _served(flag, str(kept), "SPLIT", **metadata)
    salt = rollout.get("salt", "") or flag.get("salt", "")
    drawn = BUCKET_BY[rollout.get("algorithm", "sha256")](salt, flag["key"], drawn_by)
    return _served(flag, owner(rollout["weights"], drawn), "SPLIT", **metadata)


def _served(flag: Document, variation: str, reason: str, **metadata: str) -> Document:
    value = flag["variations"][variation]
    return {"variation": variation, "value": value, "reason": reason, "errorCode": None, "metadata": metadata}


def _error(code: str) -> Document:
    return {"variation": None, "value": None, "reason": "ERROR", "errorCode": code, "metadata": {}}
