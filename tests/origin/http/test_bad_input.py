"""Bad bodies on every path that takes one: an error below 500 with a path, and nothing written."""

import json

import pytest

from flaghoist.limits import FLAG_KEY_CHARACTERS, LIST_KEYS, RULES, TEXT_CHARACTERS, WRITE_BODY_BYTES
from tests.origin.an_origin import BASE, AnOrigin, a_document

pytestmark = pytest.mark.anyio

WRITES = [
    ("PUT", "/flags/checkout"),
    ("PATCH", "/flags/checkout"),
    ("PUT", "/segments/staff"),
    ("PATCH", "/segments/staff"),
    ("PUT", "/groups/exclusive"),
    ("PATCH", "/groups/exclusive"),
    ("PUT", "/snapshot"),
    ("POST", "/keys"),
    ("POST", "/keys/{id}/rotate"),
]
BODIES = {
    "nothing": b"",
    "no JSON": b"flag",
    "cut short": b'{"key": "a"',
    "more after it": b"{} {}",
    "not UTF-8": b'{"description": "\xff"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "list": b"[]",
    "text": b'"text"',
    "number": b"1",
    "null": b"null",
    "boolean": b"true",
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "overflowing float": b'{"a": 1e999}',
    "huge integer": b'{"a": 9007199254740993}',
    "very huge integer": b'{"a": ' + b"9" * 5000 + b"}",
    "duplicate members": b'{"description": "a", "description": "b"}',
    "duplicate members below": b'{"flags": [{"key": "a", "key": "b"}]}',
    "lone surrogate": b'{"description": "\\ud800"}',
    "lone surrogate as member": b'{"\\udfff": 1}',
    "NUL": b'{"description": "\\u0000"}',
    "NUL as member": b'{"a\\u0000b": 1}',
    "raw control character": b'{"description": "\x01"}',
    "unknown member": b'{"surprise": 1}',
    "prototype": b'{"__proto__": {"on": true}}',
    "wrong type": b'{"description": 1, "flags": 1, "name": 1, "overlap_seconds": "1"}',
    "deep list": b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep object": b'{"a": ' * 500 + b"1" + b"}" * 500,
    "very deep and cut short": b"[" * 100_000,
}


async def arrange(origin: AnOrigin) -> dict[str, str]:
    await origin.put("/flags/checkout", a_document())
    await origin.put("/segments/staff", {"included": ["ada"]})
    await origin.put("/groups/exclusive", {})
    return {"id": (await origin.get("/keys")).json()["items"][0]["id"]}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_write__bad_body__refused_with_path_and_nothing_written(origin: AnOrigin, body: bytes) -> None:
    names = await arrange(origin)
    before, keys = await origin.get("/snapshot"), await origin.get("/keys")

    for method, path in WRITES:
        response = await origin.send(method, path.format(**names), body)

        assert response.status_code in {400, 413}, (method, path, response.text)
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["path"].startswith("$")
        assert problem["detail"]
        assert "Traceback" not in response.text
    assert (await origin.get("/snapshot")).json() == before.json()
    assert (await origin.get("/keys")).json() == keys.json()


def a_rule(*clauses: object, rule_id: str = "r") -> dict[str, object]:
    return {"id": rule_id, "clauses": clauses, "serve": {"variation": "on"}}


FLAGS = {
    "$.off_variation": {"off_variation": "none"},
    "$.fallthrough.variation": {"fallthrough": {"variation": "none"}},
    "$.fallthrough": {"fallthrough": {}},
    "$.fallthrough.rollout.weights": {"fallthrough": {"rollout": {"weights": [{"variation": "on", "weight": 1}]}}},
    "$.variations.off": {"variations": {"on": True, "off": 1}, "type": "boolean"},
    "$.variations": {"variations": {"on": True, "off": 1}},
    "$.prerequisites[0].flag": {"prerequisites": [{"flag": "none", "variations": ["on"]}]},
    "$.group.key": {"group": {"key": "none", "range": [0, 1]}},
    "$.rules[0].clauses[0].values[0]": {"rules": [a_rule({"attribute": "v", "op": "semver_gt", "values": ["x"]})]},
    "$.rules[0].clauses[0].op": {"rules": [a_rule({"attribute": "v", "op": "like", "values": ["x"]})]},
    "$.on": {"on": "yes"},
    "$.tags[1]": {"tags": ["a", 1]},
    "$.version": {"version": "1"},
    "$.consistency": {"consistency": "sometimes"},
}


@pytest.mark.parametrize(("path", "members"), FLAGS.items(), ids=FLAGS.keys())
async def test_put__broken_flag__names_the_path(origin: AnOrigin, path: str, members: dict[str, object]) -> None:
    alone = await origin.put("/flags/broken", a_document(**members))
    listed = [a_document(key="fine"), a_document(key="broken", **members)]
    in_list = await origin.put("/snapshot", {"flags": listed}, "*")

    assert alone.status_code == 400
    assert path in [fault["path"] for fault in alone.json()["errors"]]
    assert in_list.status_code == 400
    assert path.replace("$", "$.flags[1]", 1) in [fault["path"] for fault in in_list.json()["errors"]]
    assert await origin.version() == 0


async def test_put__cycle_of_prerequisites__refused(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    await origin.put("/flags/b", a_document(prerequisites=[{"flag": "a", "variations": ["on"]}]))

    response = await origin.patch("/flags/a", {"prerequisites": [{"flag": "b", "variations": ["on"]}]})

    assert response.status_code == 400
    assert "b" in response.json()["detail"]
    assert await origin.version() == 2


@pytest.mark.parametrize(
    ("members", "limit"),
    [
        ({"description": "x" * (TEXT_CHARACTERS.value + 1)}, TEXT_CHARACTERS),
        ({"rules": [a_rule(rule_id=str(n)) for n in range(RULES.value + 1)]}, RULES),
        ({"targets": [{"variation": "on", "keys": [str(n) for n in range(LIST_KEYS.value + 1)]}]}, LIST_KEYS),
    ],
)
async def test_put__past_a_limit__names_it(origin: AnOrigin, members: dict[str, object], limit: object) -> None:
    response = await origin.put("/flags/large", a_document(**members))

    assert response.status_code == 400
    assert response.json()["limit"] == limit.name  # type: ignore[attr-defined]


async def test_put__key_past_its_limit__names_it(origin: AnOrigin) -> None:
    response = await origin.put(f"/flags/{'x' * (FLAG_KEY_CHARACTERS.value + 1)}", a_document())

    assert response.json()["limit"] == FLAG_KEY_CHARACTERS.name


async def test_put__body_past_its_limit__413_before_it_was_read(origin: AnOrigin) -> None:
    chunks_sent = 0

    async def endless() -> object:
        nonlocal chunks_sent
        while True:
            chunks_sent += 1
            yield b" " * 1024 * 1024

    headers = {"Authorization": f"Bearer {origin.keys['admin']}"}
    response = await origin.client.put(f"{BASE}/flags/a", content=endless(), headers=headers)  # type: ignore[arg-type]

    assert response.status_code == 413
    assert response.json()["limit"] == WRITE_BODY_BYTES.name
    assert chunks_sent <= WRITE_BODY_BYTES.value // (1024 * 1024) + 2


async def test_put__announced_length_past_the_limit__413_unread(origin: AnOrigin) -> None:
    async def unreadable() -> object:
        raise AssertionError("the body is read")
        yield b""

    headers = {
        "Authorization": f"Bearer {origin.keys['admin']}",
        "Content-Length": str(WRITE_BODY_BYTES.value + 1),
    }
    response = await origin.client.put(f"{BASE}/flags/a", content=unreadable(), headers=headers)  # type: ignore[arg-type]

    assert response.status_code == 413


async def test_put__compressed_body__refused(origin: AnOrigin) -> None:
    response = await origin.request("PUT", "/flags/a", a_document(), headers={"Content-Encoding": "gzip"})

    assert response.status_code == 400
    assert response.json()["path"] == "Content-Encoding"


async def test_put__largest_segment__accepted(origin: AnOrigin) -> None:
    keys = [f"user-{n:058}" for n in range(LIST_KEYS.value)]

    response = await origin.send("PUT", "/segments/all", json.dumps({"included": keys}).encode(), if_match="")

    assert response.status_code == 201
