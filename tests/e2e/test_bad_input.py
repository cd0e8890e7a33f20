"""Hostile input: refused alike by edge and origin, with a path to the fault, and nothing is ever half-written."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.documents import Document, snapshot_body
from tests.e2e.environments import Environment, Keys
from tests.e2e.hostile_calls import Call, calls
from tests.e2e.hostile_writes import FLAG, Write, writes
from tests.e2e.raw_http import RawReply, send
from tests.e2e.stacks import Stack
from tests.e2e.visitors import flags

pytestmark = pytest.mark.e2e

SIZE = re.compile(rb'here \d+|"actual":\d+')
"""How large a body is that nobody reads to its end differs from reader to reader."""

_PLACEHOLDERS = Keys(*(f"fh_{kind}_placeholder_{'0' * 43}" for kind in ("admin", "client", "server")))


@pytest.fixture(scope="module", autouse=True)
def clean_log(stack: Stack) -> Iterator[None]:
    """Hold that no call leaves a traceback in the log of edge or origin."""
    before = _size(stack.log)
    yield
    added = stack.log.read_text()[before:]
    assert "Traceback" not in added, added


@pytest.fixture(scope="module")
def hostile(environment: Environment) -> dict[str, Call]:
    """Return all calls by id, for an environment with flags."""
    environment.reach(environment.replace(snapshot_body(flags())))
    environment.put_flag(FLAG)
    return {call.id: call for call in calls(environment)}


def ids() -> list[str]:
    """Return the ids of all calls."""
    return [call.id for call in calls(Environment("", "", "", _PLACEHOLDERS, None))]  # type: ignore[arg-type]


@pytest.mark.parametrize("id", ids())
def test_evaluation__hostile_call__refused_alike_by_edge_and_origin(
    environment: Environment, hostile: dict[str, Call], id: str
) -> None:
    call = hostile[id]
    at_edge, at_origin = (
        send(base_url, call.method, call.path, call.headers, call.body)
        for base_url in (environment.edge, environment.origin)
    )
    for reply in (at_edge, at_origin):
        assert reply.status == call.status, reply.body
        assert_tells_the_fault(reply)
    assert SIZE.sub(b"", at_edge.body) == SIZE.sub(b"", at_origin.body)
    assert at_edge.headers["content-type"] == at_origin.headers["content-type"]


@pytest.mark.parametrize("write", writes(), ids=lambda write: write.id)
def test_write__hostile_body__refused_and_nothing_written(
    environment: Environment, hostile: dict[str, Call], write: Write
) -> None:
    before = environment.api("GET", "/snapshot")
    base = f"/api/v1/environments/{environment.name}"
    headers = {"Authorization": f"Bearer {environment.keys.admin}", **write.headers}
    reply = send(environment.origin, write.method, base + write.target, headers, write.body)
    assert reply.status == write.status, reply.body
    assert_tells_the_fault(reply)
    if write.path:
        assert reply.json()["path"].startswith(write.path), reply.body
    after = environment.api("GET", "/snapshot")
    assert (after.headers["ETag"], after.content) == (before.headers["ETag"], before.content)


def assert_tells_the_fault(reply: RawReply) -> None:
    """Hold that a refusal is a problem or OFREP body, with a path where the input is at fault."""
    body: Document = reply.json()
    assert b"Traceback" not in reply.body
    assert b'File "' not in reply.body
    if body.get("errorCode") == "FLAG_NOT_FOUND":
        assert body["errorDetails"]
        return
    assert body["status"] == reply.status
    assert body["type"].startswith("urn:flaghoist:problem:")
    assert body["detail"]
    if reply.status in (400, 413):
        assert body["path"] == body["errors"][0]["path"]
        assert all(fault["detail"] for fault in body["errors"])


def _size(log: Path) -> int:
    return len(log.read_text())
