"""The schema of the flag file: it refuses every wrong shape, and nothing that an import takes."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, meta

from flaghoist.errors import InputError
from flaghoist.limits import RULES, VARIATIONS
from flaghoist.model.flags import Flag, FlagSet, Group, Operator, Segment
from flaghoist.schemas.flag_file import flag_file_schema, rendered
from flaghoist.schemas.members import MEMBERS, OPERANDS, WHOLES
from flaghoist.validation import read_snapshot, validate
from flaghoist.validation.documents.reading import IGNORED_MEMBERS
from flaghoist_cli.files.flag_files import render_flag_set
from tests.case_files import load_cases
from tests.in_worker.cases_worker import read_flagset
from tests.origin.an_origin import AnOrigin
from tests.project import ROOT
from tests.scripts.command import flaghoist
from tests.shared.validation.documents import a_document, a_rollout_document, a_rule_document
from tests.strategies.worlds import World, worlds

Json = dict[str, Any]

COPY = ROOT / "docs" / "schemas" / "flag-file.schema.json"
DEMO = ROOT / "scripts" / "demo" / "flags.json"
SCHEMA = Draft202012Validator(flag_file_schema())


class Shape(msgspec.Struct):
    """A flag file as far as types go: what the model alone refuses is of a wrong shape."""

    flags: tuple[Flag, ...]
    segments: tuple[Segment, ...] = ()
    groups: tuple[Group, ...] = ()


def is_taken(tree: object) -> bool:
    """Say whether an import takes this file."""
    try:
        validate(read_snapshot(tree))
    except InputError:
        return False
    return True


def has_right_shape(tree: Json) -> bool:
    """Say whether structs can be made of this file."""
    known = {*Shape.__struct_fields__, *IGNORED_MEMBERS}
    try:
        msgspec.convert({name: value for name, value in tree.items() if name not in IGNORED_MEMBERS}, Shape)
    except msgspec.ValidationError:
        return False
    return set(tree) <= known


def a_file(*flags: Json, **lists: object) -> Json:
    return {"flags": list(flags or (a_document(),)), **lists}


def a_clause_file(**members: object) -> Json:
    clause = {"attribute": "country", "op": "in", "values": ["de"], **members}
    return a_file(a_document(rules=[a_rule_document(clause)]))


def listed(document: Json) -> Json:
    """Return a drawn flag set, keyed lists, as a file."""
    return {part: [{"key": key, **each} for key, each in document[part].items()] for part in document}


def test_demo__is_valid() -> None:
    SCHEMA.validate(json.loads(DEMO.read_text()))


def test_cases__every_flag_set__is_valid_as_exported() -> None:
    refused = []
    for case in load_cases():
        try:
            flagset = read_flagset(case)
        except InputError:
            continue
        if not SCHEMA.is_valid(json.loads(render_flag_set(flagset))):
            refused.append(case["id"])
    assert refused == []


@pytest.mark.parametrize("name", sorted(IGNORED_MEMBERS))
@pytest.mark.parametrize("value", ["./flag-file.schema.json", 7, None])
def test_ignored_member__whatever_it_holds__is_valid_and_taken(name: str, value: object) -> None:
    tree = {name: value, **a_file()}
    assert is_taken(tree)
    assert SCHEMA.is_valid(tree)


NEAR_MISSES: dict[str, object] = {
    "no object": [a_document()],
    "no flags": {"segments": []},
    "flags by key": {"flags": {"checkout": a_document()}},
    "unknown list": a_file(experiments=[]),
    "unknown member": a_file(a_document(colour="red")),
    "key missing": a_file({name: value for name, value in a_document().items() if name != "key"}),
    "key with a space": a_file(a_document(key="new checkout")),
    "key with a line break at its end": a_file(a_document(key="checkout\n")),
    "key too long": a_file(a_document(key="k" * 129)),
    "key of another alphabet": a_file(a_document(key="\u0441heckout")),
    "markup as key": a_file(a_document(key="</script>")),
    "switch as text": a_file(a_document(on="true")),
    "switch as number": a_file(a_document(on=1)),
    "no variation": a_file(a_document(variations={})),
    "variation without a name": a_file(a_document(variations={"on": True, "off": False, "": True})),
    "too many variations": a_file(a_document(variations={"off": False, **{f"v{n}": True for n in range(100)}})),
    "null as value": a_file(a_document(variations={"on": None, "off": None})),
    "list as value": a_file(a_document(variations={"on": [1], "off": [2]})),
    "values of two types": a_file(a_document(variations={"on": True, "off": "no"})),
    "values of another type": a_file(a_document(type="string")),
    "fraction in an integer flag": a_file(a_document(type="integer", variations={"on": 1.5, "off": 0})),
    "unknown type": a_file(a_document(type="number")),
    "unknown consistency": a_file(a_document(consistency="Strong")),
    "serves nothing": a_file(a_document(fallthrough={})),
    "serves null": a_file(a_document(fallthrough={"variation": None})),
    "serves two things": a_file(a_document(fallthrough={"variation": "on", **a_rollout_document(("on", 100_000))})),
    "weight as text": a_file(a_document(fallthrough=a_rollout_document(("on", "100000")))),  # type: ignore[arg-type]
    "negative weight": a_file(a_document(fallthrough=a_rollout_document(("on", -1), ("off", 100_001)))),
    "no weights": a_file(a_document(fallthrough=a_rollout_document())),
    "draw by nothing": a_file(a_document(fallthrough=a_rollout_document(("on", 100_000), by=""))),
    "unknown algorithm": a_file(a_document(fallthrough=a_rollout_document(("on", 100_000), algorithm="md5"))),
    "unit as boolean": a_file(a_document(targets=[{"variation": "on", "keys": [True]}])),
    "unit as fraction": a_file(a_document(targets=[{"variation": "on", "keys": [1.5]}])),
    "empty unit": a_file(a_document(targets=[{"variation": "on", "keys": ["ada", ""]}])),
    "rule without an id": a_file(a_document(rules=[{"clauses": [], "serve": {"variation": "on"}}])),
    "rule with an empty id": a_file(a_document(rules=[{**a_rule_document(), "id": ""}])),
    "too many rules": a_file(a_document(rules=[{**a_rule_document(), "id": f"r{n}"} for n in range(101)])),
    "unknown operator": a_clause_file(op="equals"),
    "operator of another case": a_clause_file(op="IN"),
    "no values": a_clause_file(values=[]),
    "null among values": a_clause_file(values=["de", None]),
    "list among values": a_clause_file(values=[["de"]]),
    "value too long": a_clause_file(values=["d" * 513]),
    "no attribute": a_clause_file(attribute=""),
    "attribute of a segment clause": a_clause_file(op="in_segment"),
    "number in contains": a_clause_file(op="contains", values=[1]),
    "number in a version": a_clause_file(op="semver_gte", values=[2.1]),
    "text in lt": a_clause_file(op="lt", values=["3"]),
    "boolean in lt": a_clause_file(op="lt", values=[True]),
    "boolean in before": a_clause_file(op="before", values=[True]),
    "text in exists": a_clause_file(op="exists", values=["true"]),
    "two values in exists": a_clause_file(op="exists", values=[True, False]),
    "range of one": a_file(a_document(group={"key": "g", "range": [0]}), groups=[{"key": "g"}]),
    "range of three": a_file(a_document(group={"key": "g", "range": [0, 1, 2]}), groups=[{"key": "g"}]),
    "range past the end": a_file(a_document(group={"key": "g", "range": [0, 100_001]}), groups=[{"key": "g"}]),
    "prerequisite of nothing": a_file(
        a_document(), a_document(key="b", prerequisites=[{"flag": "checkout", "variations": []}])
    ),
    "empty tag": a_file(a_document(tags=[""])),
    "prose too long": a_file(a_document(description="x" * 4_097)),
    "segment with one list of clauses": a_file(segments=[{"key": "s", "rules": [{"op": "in", "values": [1]}]}]),
    "group with a range": a_file(groups=[{"key": "g", "range": [0, 5]}]),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_miss__is_refused_by_both(name: str) -> None:
    assert not is_taken(NEAR_MISSES[name])
    assert not SCHEMA.is_valid(NEAR_MISSES[name])


BEYOND_A_SCHEMA: dict[str, Json] = {
    "unknown variation": a_file(a_document(off_variation="onn")),
    "unknown segment": a_clause_file(op="in_segment", attribute="", values=["nobody"]),
    "key twice": a_file(a_document(), a_document()),
    "weights that do not sum": a_file(a_document(fallthrough=a_rollout_document(("on", 1)))),
    "an integer written as a fraction": a_file(
        a_document(fallthrough=a_rollout_document(("on", 100_000.0)))  # type: ignore[arg-type]
    ),
    "a version that is none": a_clause_file(op="semver_gte", values=["v2"]),
    "a pattern that could take forever": a_clause_file(op="matches", values=["(a+)+$"]),
    "a range of nothing": a_file(a_document(group={"key": "g", "range": [5, 5]}), groups=[{"key": "g"}]),
    "a cycle": a_file(a_document(prerequisites=[{"flag": "checkout", "variations": ["on"]}])),
}  # fmt: skip


@pytest.mark.parametrize("name", BEYOND_A_SCHEMA)
def test_what_takes_a_second_look__is_left_to_the_import(name: str) -> None:
    assert not is_taken(BEYOND_A_SCHEMA[name])
    assert SCHEMA.is_valid(BEYOND_A_SCHEMA[name])


def test_limits__at_the_limit__valid_and_taken() -> None:
    rules = [{**a_rule_document(), "id": f"r{number}"} for number in range(RULES.value)]
    variations = {"off": False, **{f"v{number}": True for number in range(VARIATIONS.value - 1)}}
    tree = a_file(a_document(key="k" * 128, description="é" * 4_096), a_document(variations=variations))
    tree["flags"].append(a_document(key="ruled", rules=rules))
    assert is_taken(tree)
    SCHEMA.validate(tree)


@given(worlds())
@settings(max_examples=100)
def test_valid_flag_set__as_written_and_as_exported__is_valid(world: World) -> None:
    tree = listed(world.flagset)
    SCHEMA.validate(tree)
    SCHEMA.validate(json.loads(render_flag_set(read_snapshot(tree))))


INTRUDERS: tuple[object, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, 100_001, "", "x", "on", "in", "a b", "\u2028"),
    *([], {}, [[]], [""], [1], ["x", None], {"a": 1}, {"variation": "on"}, {"rollout": None}, "y" * 600),
)


def places(tree: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every node below the root."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, child in children:
        yield (*path, step)
        yield from places(child, (*path, step))


@st.composite
def spoilt_files(draw: st.DrawFn) -> Json:
    """Draw a valid file in which up to two nodes are replaced, removed, or have got company."""
    tree = listed(copy.deepcopy(draw(worlds()).flagset))
    for _ in range(draw(st.integers(1, 2))):
        found = list(places(tree))
        *way, step = draw(st.sampled_from(found))
        parent: Any = tree
        for each in way:
            parent = parent[each]
        draw(st.sampled_from(SPOILERS))(parent, step, copy.deepcopy(draw(st.sampled_from(INTRUDERS))))
    return tree


def replace_node(parent: Any, step: str | int, intruder: object) -> None:
    parent[step] = intruder


def remove_node(parent: Any, step: str | int, _: object) -> None:
    del parent[step]


def add_node(parent: Any, _: str | int, intruder: object) -> None:
    if isinstance(parent, dict):
        parent["variation" if "rollout" in parent else "intruder"] = intruder
    else:
        parent.append(intruder)


SPOILERS: tuple[Callable[[Any, str | int, object], None], ...] = (replace_node, remove_node, add_node)


@given(spoilt_files())
@settings(max_examples=150)
def test_spoilt_file__what_is_taken_is_valid_and_a_wrong_shape_is_not(tree: Json) -> None:
    is_valid = SCHEMA.is_valid(tree)
    if is_taken(tree):
        assert is_valid
    if not has_right_shape(tree):
        assert not is_valid


def test_tables__members__are_those_of_the_model() -> None:
    for type_, members in MEMBERS.items():
        assert set(members) == set(type_.__struct_fields__)  # type: ignore[attr-defined]
        assert all("description" in each for each in members.values())
    assert set(WHOLES) <= set(MEMBERS)


def test_tables__operators__each_has_its_operands_once() -> None:
    assert sorted(each for operators, _ in OPERANDS for each in operators) == sorted(Operator)


def test_schema__itself__is_one_and_knows_every_list() -> None:
    meta.validate(flag_file_schema())
    assert set(flag_file_schema()["properties"]) == {*FlagSet.__struct_fields__, *IGNORED_MEMBERS}


def test_copy_in_docs__is_what_the_command_prints() -> None:
    assert COPY.read_text() == rendered(), "write it anew: flaghoist schema > docs/schemas/flag-file.schema.json"
    assert flaghoist("schema").stdout == rendered()


@pytest.mark.anyio
async def test_served__to_anybody__is_the_schema_and_can_be_kept(origin: AnOrigin) -> None:
    answer = await origin.client.get("/v1/schemas/flag-file.json", headers={"Origin": "https://editor.example"})
    again = await origin.client.get("/v1/schemas/flag-file.json", headers={"If-None-Match": answer.headers["ETag"]})
    other = await origin.client.get("/v1/schemas/flag-file.json", headers={"If-None-Match": '"another"'})

    assert answer.json() == json.loads(rendered())
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (answer.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert again.content == b""


@pytest.mark.anyio
async def test_snapshot__with_the_address_of_its_schema__is_taken_without_it(origin: AnOrigin) -> None:
    written = await origin.request("PUT", "/snapshot", {"$schema": "./s.json", **a_file()}, if_match="*")
    read = (await origin.get("/snapshot")).json()

    assert written.status_code == 200
    assert "$schema" not in read
    assert [flag["key"] for flag in read["flags"]] == ["checkout"]
