"""The rules of one flag by itself, without any other."""

from collections.abc import Sequence

from flaghoist.limits import IDENTIFIER_CHARACTERS, PREREQUISITES, RULES, TAGS, TEXT_CHARACTERS, VARIATIONS
from flaghoist.model.bucketing import BUCKET_BY, BUCKETS
from flaghoist.model.context import unit
from flaghoist.model.flags import Flag, Rollout, Serve
from flaghoist.text.json_paths import element, member
from flaghoist.validation.documents.clauses import check_clauses
from flaghoist.validation.parts.faults import Faults
from flaghoist.validation.parts.lists import check_list
from flaghoist.validation.parts.names import check_identifier, check_key, check_variation_exists, check_variation_name
from flaghoist.validation.parts.values import check_values


def check_own(flag: Flag, path: str, faults: Faults) -> None:
    """Record the faults of ``flag`` alone, whose document is at ``path``."""
    _check_texts(flag, path, faults)
    _check_variations(flag, path, faults)
    check_variation_exists(flag, flag.off_variation, member(path, "off_variation"), faults)
    _check_prerequisites(flag, path, faults)
    _check_targets(flag, member(path, "targets"), faults)
    _check_rules(flag, member(path, "rules"), faults)
    _check_serve(flag, flag.fallthrough, member(path, "fallthrough"), faults)
    _check_claim(flag, path, faults)


def _check_texts(flag: Flag, path: str, faults: Faults) -> None:
    check_key(flag.key, member(path, "key"), faults)
    faults.check_limit(IDENTIFIER_CHARACTERS, len(flag.salt), member(path, "salt"))
    for name, text in (("description", flag.description), ("owner", flag.owner)):
        faults.check_limit(TEXT_CHARACTERS, len(text), member(path, name))
    here = member(path, "tags")
    if faults.check_limit(TAGS, len(flag.tags), here):
        for index, tag in enumerate(flag.tags):
            check_identifier(tag, "a tag", element(here, index), faults)


def _check_variations(flag: Flag, path: str, faults: Faults) -> None:
    here = member(path, "variations")
    if not flag.variations:
        faults.add_fault(here, "a flag needs at least one variation")
    if len(flag.variations) <= VARIATIONS.value:
        for name in flag.variations:
            check_variation_name(name, member(here, name), faults)
    check_values(flag, path, faults)


def _check_prerequisites(flag: Flag, path: str, faults: Faults) -> None:
    here = member(path, "prerequisites")
    if not faults.check_limit(PREREQUISITES, len(flag.prerequisites), here):
        return
    for index, prerequisite in enumerate(flag.prerequisites):
        names = member(element(here, index), "variations")
        if not prerequisite.variations:
            faults.add_fault(names, "a prerequisite without variations never holds: name at least one")
        faults.check_limit(VARIATIONS, len(prerequisite.variations), names)


def _check_targets(flag: Flag, path: str, faults: Faults) -> None:
    if not faults.check_limit(VARIATIONS, len(flag.targets), path):
        return
    for index, target in enumerate(flag.targets):
        here = element(path, index)
        check_variation_exists(flag, target.variation, member(here, "variation"), faults)
        check_list(target.keys, member(here, "keys"), faults)
    if len(flag.targets) > 1:
        _check_disjoint(flag, path, faults)


def _check_disjoint(flag: Flag, path: str, faults: Faults) -> None:
    owners: dict[str, int] = {}
    for index, target in enumerate(flag.targets):
        if faults.is_full:
            break
        for position, key in enumerate(target.keys):
            name = unit(key) or ""
            owner = owners.setdefault(name, index)
            if owner != index:
                where = element(member(element(path, index), "keys"), position)
                faults.add_fault(
                    where, f"unit '{name[:64]}' is already in targets[{owner}]: remove it from one of them"
                )


def _check_rules(flag: Flag, path: str, faults: Faults) -> None:
    if not faults.check_limit(RULES, len(flag.rules), path):
        return
    ids: dict[str, int] = {}
    for index, rule in enumerate(flag.rules):
        here = element(path, index)
        check_identifier(rule.id, "a rule's id", member(here, "id"), faults)
        first = ids.setdefault(rule.id, index)
        if first != index:
            faults.add_fault(member(here, "id"), f"rules[{first}] has the id '{rule.id[:64]}' already: give another")
        check_clauses(rule.clauses, member(here, "clauses"), faults)
        _check_serve(flag, rule.serve, member(here, "serve"), faults)


def _check_serve(flag: Flag, serve: Serve, path: str, faults: Faults) -> None:
    if (serve.variation is None) == (serve.rollout is None):
        faults.add_fault(path, "give exactly one of variation and rollout")
    elif serve.variation is not None:
        check_variation_exists(flag, serve.variation, member(path, "variation"), faults)
    elif serve.rollout is not None:
        _check_rollout(flag, serve.rollout, member(path, "rollout"), faults)


def _check_rollout(flag: Flag, rollout: Rollout, path: str, faults: Faults) -> None:
    check_identifier(rollout.by, "the attribute to draw by", member(path, "by"), faults)
    faults.check_limit(IDENTIFIER_CHARACTERS, len(rollout.salt), member(path, "salt"))
    if rollout.algorithm not in BUCKET_BY:
        known = " and ".join(BUCKET_BY)
        detail = f"algorithm {rollout.algorithm} is not evaluated by this version, only {known}: leave it out"
        faults.add_fault(member(path, "algorithm"), detail)
    here = member(path, "weights")
    if not faults.check_limit(VARIATIONS, len(rollout.weights), here):
        return
    for index, weight in enumerate(rollout.weights):
        check_variation_exists(flag, weight.variation, member(element(here, index), "variation"), faults)
        if weight.weight < 0:
            faults.add_fault(member(element(here, index), "weight"), f"a weight is not negative, here {weight.weight}")
    _check_sum([weight.weight for weight in rollout.weights], here, faults)


def _check_sum(weights: Sequence[int], path: str, faults: Faults) -> None:
    total = sum(weights)
    if total != BUCKETS:
        faults.add_fault(path, f"weights sum to {BUCKETS} (thousandths of a percent), here to {total}")


def _check_claim(flag: Flag, path: str, faults: Faults) -> None:
    if flag.group is None:
        return
    low, high = flag.group.range
    if not 0 <= low < high <= BUCKETS:
        detail = f"a range is 0 <= low < high <= {BUCKETS}, here [{low}, {high})"
        faults.add_fault(member(member(path, "group"), "range"), detail)
