"""Random flag sets of a realistic size and contexts for them, drawn from the Hypothesis strategies by a seed.

The strategies make small sets with few keys. Several of them become one larger set, each under a prefix of its own; the
first keeps its keys, so that its rollouts are cut right at the buckets of known units.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.e2e.documents import Document
from tests.strategies import contexts, flagsets

Drawn = TypeVar("Drawn")


def drawn_contexts(count: int, seed_value: int) -> list[Document]:
    """Return so many contexts."""
    return _draw(contexts(), count, seed_value)


def drawn_world(parts: int, seed_value: int) -> Document:
    """Return one flag set, by collection and key, out of so many small ones."""
    drawn = _draw(flagsets(), parts, seed_value)
    renamed = [_renamed(part, f"w{place}-" if place else "") for place, part in enumerate(drawn)]
    return {name: {key: each for part in renamed for key, each in part[name].items()} for name in renamed[0]}


def _draw(strategy: st.SearchStrategy[Drawn], count: int, seed_value: int) -> list[Drawn]:
    found: list[Drawn] = []

    @seed(seed_value)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(drawn: Drawn) -> None:
        found.append(drawn)

    collect()
    return found


def _renamed(flagset: Document, prefix: str) -> Document:
    """Return the flag set with all keys under the prefix."""

    def rename(key: str) -> str:
        return prefix + key

    return {
        "flags": {rename(key): _flag(flag, rename) for key, flag in flagset["flags"].items()},
        "segments": {rename(key): _segment(segment, rename) for key, segment in flagset["segments"].items()},
        "groups": {rename(key): _salted(group) for key, group in flagset["groups"].items()},
    }


def _salted(entity: Document) -> Document:
    """Return a flag or group with a salt: the origin would make one where there is none."""
    return {**entity, "salt": entity.get("salt") or "a salt"}


def _flag(flag: Document, rename: Callable[[str], str]) -> Document:
    changed = _salted(flag)
    if "prerequisites" in flag:
        changed["prerequisites"] = [{**each, "flag": rename(each["flag"])} for each in flag["prerequisites"]]
    if "group" in flag:
        changed["group"] = {**flag["group"], "key": rename(flag["group"]["key"])}
    if "rules" in flag:
        changed["rules"] = [{**rule, "clauses": _clauses(rule["clauses"], rename)} for rule in flag["rules"]]
    return changed


def _segment(segment: Document, rename: Callable[[str], str]) -> Document:
    return {**segment, "rules": [_clauses(clauses, rename) for clauses in segment["rules"]]}


def _clauses(clauses: list[Document], rename: Callable[[str], str]) -> list[Document]:
    return [{**clause, "values": _values(clause, rename)} for clause in clauses]


def _values(clause: Mapping[str, Any], rename: Callable[[str], str]) -> list[Any]:
    return [rename(value) for value in clause["values"]] if clause["op"] == "in_segment" else clause["values"]
