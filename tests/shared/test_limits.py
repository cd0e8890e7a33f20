"""Every limit: what is just at it passes, what is just past it is refused by its name."""

import json
from collections.abc import Callable, Sequence

import msgspec
import pytest

from flaghoist import limits
from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import Limit
from flaghoist.model.context_checks import check_context, check_context_size
from flaghoist.model.flags import FlagSet, JsonValue, Rollout, Target, Weight
from flaghoist.protocol.events import encode_batch, read_event, read_events
from flaghoist.text import patterns, strict_json
from flaghoist.text.matching import matcher
from flaghoist.validation import check_flag, check_segment, prepare_flag, read_snapshot, validate
from tests.builders import FlagBuilder, SegmentBuilder, a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment

Attempt = Callable[[int], object]
"""Does what a limit bounds, of the size given."""

HELD_ELSEWHERE = {
    *(limits.SNAPSHOT_BYTES, limits.KEYS, limits.SHARDS, limits.COOKIE_UNIT_CHARACTERS),
    *(limits.SIGNING_KEYS, limits.SIGNED_CONTEXT_BYTES),
}
"""Limits of packing, of the origin's store, of pages and of tokens, held by their own tests."""


def whole(build: Callable[[int], FlagBuilder]) -> Attempt:
    """Return the attempt to write the flag that ``build`` makes."""
    return lambda size: check_flag(build(size).build(), FlagSet())


def whole_segment(build: Callable[[int], SegmentBuilder]) -> Attempt:
    """Return the attempt to write the segment that ``build`` makes."""
    return lambda size: check_segment(build(size).build(), FlagSet())


def units(size: int) -> list[str]:
    return [f"u{index}" for index in range(size)]


def body(size: int) -> bytes:
    """Return a JSON document of ``size`` bytes."""
    return b'"' + b"x" * (size - 2) + b'"'


def decoding(limit: Limit) -> Attempt:
    """Return the attempt to decode a body under ``limit``."""
    return lambda size: strict_json.decode(body(size), max_bytes=limit)


def nested(levels: int) -> JsonValue:
    """Return ``levels`` objects and arrays in turn, one in the other, the outermost an object."""
    tree: JsonValue = 1
    for level in range(levels, 0, -1):
        tree = {"a": tree} if level % 2 else [tree]
    return tree


def named(size: int) -> FlagBuilder:
    name = "v" * size
    return a_flag("a").variations(name, **{name: 1})


def variations(size: int) -> FlagBuilder:
    return a_flag("a").variations("v0", **{f"v{index}": True for index in range(size)})


def valued(size: int) -> FlagBuilder:
    """Return a flag with an object value of ``size`` bytes of compact JSON, one member of it not ASCII."""
    value = {"é": "x" * (size - len('{"é":""}'.encode()))}
    assert len(msgspec.json.encode(value)) == size
    return a_flag("a").variations("v", v=value)


def rules(size: int) -> FlagBuilder:
    flag = a_flag("a")
    for index in range(size):
        flag = flag.rule(f"r{index}", serve="on")
    return flag


def segment_rules(size: int) -> SegmentBuilder:
    segment = a_segment("s")
    for _ in range(size):
        segment = segment.rule()
    return segment


def clauses(size: int) -> FlagBuilder:
    return a_flag("a").rule("r", *[a_clause("x", "in", 1)] * size, serve="on")


def weights(size: int) -> FlagBuilder:
    rest = [Weight("off", 0)] * (size - 1)
    return a_flag("a").fallthrough(Rollout(weights=(Weight("on", 100_000), *rest)))


def targets(size: int) -> FlagBuilder:
    built = msgspec.structs.replace(a_flag("a").build(), targets=(Target("on"),) * size)
    return FlagBuilder(built)


def prerequisites(size: int) -> object:
    flag = a_flag("a")
    for _ in range(size):
        flag = flag.requires("b", "on")
    check_flag(flag.build(), a_flagset(a_flag("b")))
    return flag


def prerequisite_chain(size: int) -> None:
    flags = [a_flag(f"f{index}").requires(f"f{index + 1}", "on") for index in range(size)]
    validate(a_flagset(*flags, a_flag(f"f{size}")))


def segment_chain(size: int) -> None:
    chain = [a_segment(f"s{index}").rule(a_clause("", "in_segment", f"s{index + 1}")) for index in range(size)]
    validate(a_flagset(*chain, a_segment(f"s{size}")))


def all_lists(size: int) -> None:
    """Validate a set with ``size`` keys in lists: of targets, and of both lists of segments."""
    share = limits.LIST_KEYS.value
    first, rest = units(share), size - 3 * share
    full = a_segment("s").including(*first).excluding(*first)
    half = a_segment("t").including(*units(rest // 2)).excluding(*units(rest - rest // 2))
    validate(a_flagset(a_flag("a").target("on", *first), full, half))


def documents(name: str) -> Attempt:
    """Return the attempt to read a snapshot with so many entities in the list ``name``."""

    def read(size: int) -> None:
        flag = {"variations": {"on": True}, "off_variation": "on", "fallthrough": {"variation": "on"}}
        shape = flag if name == "flags" else {}
        validate(read_snapshot({"flags": [], name: [{**shape, "key": f"k{index}"} for index in range(size)]}))

    return read


def entities(name: str) -> Attempt:
    """Return the attempt to validate a set with so many entities, as if it had been built one by one."""
    makers: dict[str, Callable[[str], object]] = {
        "flags": lambda key: a_flag(key).build(),
        "segments": lambda key: a_segment(key).build(),
        "groups": a_group,
    }
    return lambda size: validate(FlagSet(**{name: {f"k{i}": makers[name](f"k{i}") for i in range(size)}}))  # type: ignore[arg-type]


def integer(size: int) -> None:
    strict_json.decode(json.dumps([size]).encode(), max_bytes=limits.REQUEST_BYTES)
    strict_json.decode(json.dumps({"a": -size}).encode(), max_bytes=limits.REQUEST_BYTES)


def integer_key(size: int) -> None:
    document = {"key": "a", "variations": {"v": 1}, "off_variation": "v", "fallthrough": {"variation": "v"}}
    prepare_flag({**document, "targets": [{"variation": "v", "keys": [size]}]})


def an_event(**members: object) -> bytes:
    """Return the JSON of an exposure, or with a name of a track event, that is right but for these members."""
    kind = {"type": "track"} if "name" in members else {"type": "exposure", "flag": "a", "variant": "on"}
    return msgspec.json.encode({"id": "1", **kind, **members})


def event(member: str, value: Callable[[int], object]) -> Attempt:
    """Return the attempt to read an event whose ``member`` is of so many."""
    return lambda size: read_event(an_event(**{member: value(size)}))


def attributes(size: int) -> object:
    return read_event(an_event(name="bought", attributes={f"a{index}": 1 for index in range(size)}))


ATTEMPTS: Sequence[tuple[Limit, str, Attempt]] = [
    (limits.FLAG_KEY_CHARACTERS, "flag key", whole(lambda size: a_flag("k" * size))),
    (limits.FLAG_KEY_CHARACTERS, "segment key", whole_segment(lambda size: a_segment("k" * size))),
    (limits.FLAG_KEY_CHARACTERS, "variation", whole(named)),
    (limits.CONTEXT_BYTES, "raw context", lambda size: check_context_size(b" " * size)),
    (limits.CONTEXT_DEPTH, "levels", lambda size: check_context(nested(size))),
    (limits.CONTEXT_ATTRIBUTES, "flat", lambda size: check_context({f"a{index}": 1 for index in range(size)})),
    (limits.CONTEXT_ATTRIBUTES, "inner", lambda size: check_context({"a": [{f"a{i}": 1 for i in range(size - 1)}]})),
    (limits.REQUEST_BYTES, "body", decoding(limits.REQUEST_BYTES)),
    (limits.WRITE_BODY_BYTES, "body", decoding(limits.WRITE_BODY_BYTES)),
    (limits.SNAPSHOT_BODY_BYTES, "body", decoding(limits.SNAPSHOT_BODY_BYTES)),
    (limits.JSON_DEPTH, "nesting", lambda size: strict_json.decode(b"[" * size + b"]" * size, max_bytes=limits.FLAGS)),
    (limits.INTEGER, "both signs", integer),
    (limits.INTEGER, "unit", integer_key),
    (limits.INTEGER, "value", whole(lambda size: a_flag("a").variations("v", v=size))),
    (limits.INTEGER, "clause", whole(lambda size: a_flag("a").rule("r", a_clause("x", "in", size), serve="on"))),
    *((limit, "read", documents(name)) for limit, name in (
        (limits.FLAGS, "flags"), (limits.SEGMENTS, "segments"), (limits.GROUPS, "groups"))),
    *((limit, "held", entities(name)) for limit, name in (
        (limits.FLAGS, "flags"), (limits.SEGMENTS, "segments"), (limits.GROUPS, "groups"))),
    (limits.LIST_KEYS, "target", whole(lambda size: a_flag("a").target("on", *units(size)))),
    (limits.LIST_KEYS, "included", whole_segment(lambda size: a_segment("s").including(*units(size)))),
    (limits.LIST_KEYS, "excluded", whole_segment(lambda size: a_segment("s").excluding(*units(size)))),
    (limits.LIST_KEYS_TOTAL, "all lists", all_lists),
    (limits.RULES, "flag", whole(rules)),
    (limits.RULES, "segment", whole_segment(segment_rules)),
    (limits.CLAUSES, "flag", whole(clauses)),
    (limits.CLAUSES, "segment", whole_segment(lambda size: a_segment("s").rule(*[a_clause("x", "in", 1)] * size))),
    (limits.CLAUSE_VALUES, "clause",
     whole(lambda size: a_flag("a").rule("r", a_clause("x", "in", *range(size)), serve="on"))),
    (limits.VARIATIONS, "variations", whole(variations)),
    (limits.VARIATIONS, "weights", whole(weights)),
    (limits.VARIATIONS, "targets", whole(targets)),
    (limits.PREREQUISITES, "flag", prerequisites),
    (limits.PREREQUISITE_DEPTH, "flags", prerequisite_chain),
    (limits.PREREQUISITE_DEPTH, "segments", segment_chain),
    (limits.VALUE_BYTES, "object", whole(valued)),
    (limits.VALUE_BYTES, "string", whole(lambda size: a_flag("a").variations("v", v="x" * (size - 2)))),
    (limits.TEXT_CHARACTERS, "description", whole(lambda size: a_flag("a").described(description="é" * size))),
    (limits.TEXT_CHARACTERS, "owner", whole(lambda size: a_flag("a").described(owner="o" * size))),
    (limits.TAGS, "tags", whole(lambda size: a_flag("a").described(tags=("t",) * size))),
    (limits.IDENTIFIER_CHARACTERS, "tag", whole(lambda size: a_flag("a").described(tags=("t" * size,)))),
    (limits.IDENTIFIER_CHARACTERS, "unit", whole(lambda size: a_flag("a").target("on", "ü" * size))),
    (limits.IDENTIFIER_CHARACTERS, "salt", whole(lambda size: a_flag("a").salt("s" * size))),
    (limits.IDENTIFIER_CHARACTERS, "rule id", whole(lambda size: a_flag("a").rule("r" * size, serve="on"))),
    (limits.IDENTIFIER_CHARACTERS, "by",
     whole(lambda size: a_flag("a").fallthrough(a_rollout(by="b" * size, on=100_000)))),
    (limits.IDENTIFIER_CHARACTERS, "attribute",
     whole(lambda size: a_flag("a").rule("r", a_clause("a" * size, "exists", True), serve="on"))),
    (limits.IDENTIFIER_CHARACTERS, "value",
     whole(lambda size: a_flag("a").rule("r", a_clause("a", "in", "v" * size), serve="on"))),
    (limits.EVENTS, "batch", lambda size: read_events(encode_batch([an_event()] * size))),
    (limits.EVENTS_BYTES, "batch", lambda size: read_events(encode_batch([]).ljust(size))),
    (limits.EVENT_BYTES, "event", lambda size: read_event(an_event().ljust(size))),
    (limits.EVENT_ID_CHARACTERS, "id", event("id", lambda size: "i" * size)),
    (limits.EVENT_NAME_CHARACTERS, "name", event("name", lambda size: "n" * size)),
    (limits.EVENT_NAME_CHARACTERS, "attribute",
     lambda size: read_event(an_event(name="bought", attributes={"a" * size: 1}))),
    (limits.EVENT_ATTRIBUTES, "attributes", attributes),
    (limits.EVENT_COUNT, "count", event("count", lambda size: size)),
    (limits.FLAG_KEY_CHARACTERS, "exposed flag", event("flag", lambda size: "f" * size)),
    (limits.FLAG_KEY_CHARACTERS, "variant", event("variant", lambda size: "v" * size)),
    (limits.IDENTIFIER_CHARACTERS, "exposed unit", event("unit", lambda size: "u" * size)),
    (limits.IDENTIFIER_CHARACTERS, "attribute value",
     lambda size: read_event(an_event(name="bought", attributes={"a": "v" * size}))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "attempt"), [pytest.param(limit, act, id=f"{limit.name}-{what}") for limit, what, act in ATTEMPTS]
)
def test_limit__just_at_and_just_past__passes_and_is_refused(limit: Limit, attempt: Attempt) -> None:
    attempt(limit.value)
    with pytest.raises(LimitExceeded) as raised:
        attempt(limit.value + 1)
    assert raised.value.limit is limit
    assert raised.value.actual == limit.value + 1
    assert limit.name in raised.value.faults[0].detail
    assert raised.value.faults[0].path.startswith("$")


def test_limit__pattern_characters__just_at_and_just_past() -> None:
    longest = limits.PATTERN_CHARACTERS.value
    assert patterns.refusal("a" * longest) is None
    assert limits.PATTERN_CHARACTERS.name in (patterns.refusal("a" * (longest + 1)) or "")


def test_limit__subject_characters__longer_does_not_match() -> None:
    is_found = matcher("a$", limits.SUBJECT_CHARACTERS.value)
    assert is_found("a" * limits.SUBJECT_CHARACTERS.value)
    assert not is_found("a" * (limits.SUBJECT_CHARACTERS.value + 1))


@pytest.mark.parametrize("limit", [limits.REQUEST_BYTES, limits.WRITE_BODY_BYTES, limits.CONTEXT_BYTES])
def test_limit__whole_body_too_large__is_a_413(limit: Limit) -> None:
    is_context = limit is limits.CONTEXT_BYTES
    attempt = check_context_size if is_context else lambda raw: strict_json.decode(raw, max_bytes=limit)
    with pytest.raises(LimitExceeded) as raised:
        attempt(b" " * (limit.value + 1))
    assert raised.value.status == 413


def test_limit__among_other_faults__all_are_named() -> None:
    flag = a_flag("k" * 200).described(owner="o" * 5_000, tags=("",)).build()
    with pytest.raises(InputError) as raised:
        check_flag(flag, FlagSet())
    assert [fault.path for fault in raised.value.faults] == ["$.key", "$.owner", "$.tags[0]"]


def test_limits__all__are_held_by_a_test() -> None:
    held = {limit.name for limit, _, _ in ATTEMPTS}
    held |= {limit.name for limit in (limits.PATTERN_CHARACTERS, limits.SUBJECT_CHARACTERS, *HELD_ELSEWHERE)}
    assert held == {limit.name for limit in limits.ALL}
