"""One table of hostile writes: what the origin's API must refuse as a whole, each with the path to its fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.documents import Document
from tests.e2e.hostile_calls import BODIES

FLAG: Document = {
    "key": "good",
    "variations": {"on": True, "off": False},
    "off_variation": "off",
    "fallthrough": {"variation": "on"},
}
ON = {"variation": "on"}
ANY = {"If-Match": "*"}


@dataclass(frozen=True)
class Write:
    """One write; ``path`` is what the problem body must name, empty where there is none to name."""

    id: str
    body: bytes
    path: str = "$"
    status: int = 400
    method: str = "PUT"
    target: str = "/flags/good"
    headers: Mapping[str, str] = field(default_factory=lambda: ANY)


def with_flag(**members: Any) -> bytes:
    """Return a flag with some members replaced."""
    return json.dumps({**FLAG, **members}).encode()


def rule(**clause: Any) -> bytes:
    """Return a flag whose one rule has one clause."""
    return with_flag(rules=[{"id": "r", "clauses": [clause], "serve": ON}])


def snapshot(*flags: Document, **lists: Any) -> bytes:
    """Return a snapshot of a good flag, these flags and other lists."""
    return json.dumps({"flags": [FLAG, *flags], "segments": [], "groups": [], **lists}).encode()


def weights(*pairs: Any) -> Document:
    """Return a rollout of variations and weights."""
    return {"rollout": {"weights": [{"variation": name, "weight": weight} for name, weight in pairs]}}


CLAUSE = "$.rules[0].clauses[0]"

FLAGS: Mapping[str, tuple[str, bytes]] = {
    "unknown-member": ("$", with_flag(colour="teal")),
    "missing-member": ("$", b'{"key": "good", "variations": {"on": true}}'),
    "another-key": ("$.key", with_flag(key="other")),
    "on-is-text": ("$.on", with_flag(on="true")),
    "on-is-number": ("$.on", with_flag(on=1)),
    "no-variations": ("$.variations", with_flag(variations={})),
    "variations-of-two-types": ("$.variations", with_flag(variations={"on": True, "off": "off"})),
    "variation-null": ("$.variations", with_flag(variations={"on": None, "off": False})),
    "unknown-off-variation": ("$.off_variation", with_flag(off_variation="gone")),
    "unknown-fallthrough": ("$.fallthrough", with_flag(fallthrough={"variation": "gone"})),
    "fallthrough-of-nothing": ("$.fallthrough", with_flag(fallthrough={})),
    "fallthrough-of-both": ("$.fallthrough", with_flag(fallthrough={**ON, **weights(("on", 100_000))})),
    "weights-of-99999": ("$.fallthrough.rollout", with_flag(fallthrough=weights(("on", 99_999)))),
    "weight-negative": ("$.fallthrough.rollout", with_flag(fallthrough=weights(("on", 100_001), ("off", -1)))),
    "weight-float": ("$.fallthrough.rollout.weights[0].weight", with_flag(fallthrough=weights(("on", 100_000.0)))),
    "weight-true": ("$.fallthrough.rollout.weights[0].weight", with_flag(fallthrough=weights(("on", True)))),
    "weights-empty": ("$.fallthrough.rollout", with_flag(fallthrough=weights())),
    "own-prerequisite": ("$.prerequisites", with_flag(prerequisites=[{"flag": "good", "variations": ["on"]}])),
    "unknown-prerequisite": ("$.prerequisites[0]", with_flag(prerequisites=[{"flag": "gone", "variations": ["on"]}])),
    "unknown-segment": (CLAUSE, rule(op="in_segment", values=["gone"])),
    "unknown-group": ("$.group", with_flag(group={"key": "gone", "range": [0, 1]})),
    "group-range-reversed": ("$.group.range", with_flag(group={"key": "layer", "range": [2, 1]})),
    "unknown-operator": (f"{CLAUSE}.op", rule(attribute="a", op="equals", values=["x"])),
    "pattern-with-look-ahead": (f"{CLAUSE}.values[0]", rule(attribute="a", op="matches", values=["(?=a)"])),
    "pattern-nested-repetition": (f"{CLAUSE}.values[0]", rule(attribute="a", op="matches", values=["(a+)+$"])),
    "pattern-malformed": (f"{CLAUSE}.values[0]", rule(attribute="a", op="matches", values=["("])),
    "pattern-too-long": (f"{CLAUSE}.values[0]", rule(attribute="a", op="matches", values=["a" * 513])),
    "version-malformed": (f"{CLAUSE}.values[0]", rule(attribute="a", op="semver_gt", values=["v1"])),
    "network-malformed": (f"{CLAUSE}.values[0]", rule(attribute="a", op="cidr", values=["10.0.0.0/33"])),
    "instant-without-offset": (f"{CLAUSE}.values[0]", rule(attribute="a", op="before", values=["2025-01-01T00:00:00"])),
    "number-is-text": (f"{CLAUSE}.values[0]", rule(attribute="a", op="lt", values=["7"])),
    "value-object": (f"{CLAUSE}.values[0]", rule(attribute="a", op="in", values=[{}])),
    "value-null": (f"{CLAUSE}.values[0]", rule(attribute="a", op="in", values=[None])),
    "rule-id-twice": ("$.rules[1]", with_flag(rules=[{"id": "r", "clauses": [], "serve": ON}] * 2)),
    "too-many-rules": ("$.rules", with_flag(rules=[{"id": f"r{n}", "clauses": [], "serve": ON} for n in range(101)])),
    "too-many-values": (CLAUSE, rule(attribute="a", op="in", values=list(range(1_001)))),
    "value-too-large": ("$.variations", with_flag(variations={"on": "x" * 65_537, "off": ""})),
    "integer-past-2-53": ("$.variations", with_flag(variations={"on": 2**53, "off": 1})),
    "target-of-nothing": ("$.targets[0]", with_flag(targets=[{"variation": "gone", "keys": ["a"]}])),
    "target-key-float": ("$.targets[0]", with_flag(targets=[{"variation": "on", "keys": [1.5]}])),
    "description-too-long": ("$.description", with_flag(description="x" * 4_097)),
}

SNAPSHOTS: Mapping[str, tuple[str, bytes]] = {
    "array": ("$", b"[]"),
    "flags-object": ("$.flags", b'{"flags": {}}'),
    "flag-null": ("$.flags[0]", b'{"flags": [null], "segments": [], "groups": []}'),
    "one-bad-among-good": ("$.flags[1]", snapshot({**FLAG, "key": "bad", "off_variation": "gone"})),
    "key-twice": ("$.flags[1]", snapshot(FLAG)),
    "key-with-a-slash": ("$.flags[1]", snapshot({**FLAG, "key": "a/b"})),
    "key-too-long": ("$.flags[1]", snapshot({**FLAG, "key": "k" * 129})),
    "cycle-of-prerequisites": (
        "$.flags",
        snapshot(
            {**FLAG, "key": "a", "prerequisites": [{"flag": "b", "variations": ["on"]}]},
            {**FLAG, "key": "b", "prerequisites": [{"flag": "a", "variations": ["on"]}]},
        ),
    ),
    "cycle-of-segments": (
        "$.segments",
        snapshot(
            segments=[
                {"key": "a", "rules": [[{"op": "in_segment", "values": ["b"]}]]},
                {"key": "b", "rules": [[{"op": "in_segment", "values": ["a"]}]]},
            ]
        ),
    ),
    "overlapping-ranges": (
        "$.flags",
        snapshot(
            {**FLAG, "key": "a", "group": {"key": "layer", "range": [0, 2]}},
            {**FLAG, "key": "b", "group": {"key": "layer", "range": [1, 3]}},
            groups=[{"key": "layer", "salt": "s"}],
        ),
    ),
    "10001-flags": ("$.flags", snapshot(*({**FLAG, "key": f"f{n}"} for n in range(10_000)))),
    "unknown-list": ("$", snapshot(experiments=[])),
}


def writes() -> list[Write]:
    """Return every write."""
    malformed = {
        id: (413 if status == 413 else 400, body)
        for id, (status, body) in BODIES.items()
        if not id.startswith(("context-", "too-many", "body-", "unknown-member", "misspelt"))
    }
    return [
        *(Write(f"json-{id}", body, "", status) for id, (status, body) in malformed.items()),
        *(
            Write(f"json-{id}-snapshot", body, "", status, target="/snapshot")
            for id, (status, body) in malformed.items()
        ),
        *(Write(f"flag-{id}", body, path) for id, (path, body) in FLAGS.items()),
        *(Write(f"snapshot-{id}", body, path, target="/snapshot") for id, (path, body) in SNAPSHOTS.items()),
        Write("patch-array", b"[]", "$", method="PATCH"),
        Write("patch-to-nonsense", b'{"off_variation": "gone"}', "$.off_variation", method="PATCH"),
        Write("body-past-8-mib", b'{"key": "' + b"x" * 9 * 1024 * 1024 + b'"}', "$", 413),
        Write("bad-key-in-the-path", with_flag(key="a b"), "", target="/flags/a%20b", headers={"If-None-Match": "*"}),
        Write("if-match-malformed", with_flag(), "If-Match", headers={"If-Match": "seven"}),
        Write("without-if-match", with_flag(), "", 428, headers={}),
        Write("stale-if-match", with_flag(), "", 412, headers={"If-Match": '"999"'}),
        Write("snapshot-without-if-match", snapshot(), "", 428, target="/snapshot", headers={}),
        Write("snapshot-stale", snapshot(), "", 412, target="/snapshot", headers={"If-Match": '"1-999"'}),
        Write("compressed", b"\x1f\x8b", "", headers={**ANY, "Content-Encoding": "gzip"}),
        Write("post", with_flag(), "", 405, method="POST"),
    ]
