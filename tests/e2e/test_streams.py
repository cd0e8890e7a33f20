"""The stock OFREP web provider follows the stream that the edge names: every change, soon, and through a restart."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.builders import a_flag, a_flagset
from tests.e2e.conftest import NewStack
from tests.e2e.documents import Document, as_documents
from tests.e2e.environments import Environment
from tests.e2e.stacks import PrivateStack
from tests.e2e.streamed_client import StreamedClient, streamed_client

pytestmark = pytest.mark.e2e

FLAG = "counter"
PATIENCE_SECONDS = 20
"""A change that comes while the client is sent away waits for its reconnection."""

SHORT_LEASE = {"FLAGHOIST_LEASE_SECONDS": "3", "FLAGHOIST_KV_WRITE_TIMEOUT_SECONDS": "2"}
"""An origin that was killed keeps its lease until it ends."""

Record = Callable[[str, object], None]


def flag(number: int) -> Document:
    """Return the flag with the number that it serves."""
    built = a_flag(FLAG).on().client_visible().variations("now", now=number).fallthrough("now")
    [document] = as_documents(a_flagset(built))["flags"].values()
    found: Document = document
    return found


@pytest.fixture(scope="module")
def private(new_stack: NewStack) -> PrivateStack:
    started = new_stack()
    started.start_edge()
    started.start_origin(**SHORT_LEASE)
    return started


@pytest.fixture
def environment(private: PrivateStack) -> Environment:
    found = private.started().environment("production")
    found.reach(found.put_flag(flag(0)))
    return found


@pytest.fixture
def client(environment: Environment) -> Iterator[StreamedClient]:
    with streamed_client(environment, FLAG) as running:
        running.sees(0, PATIENCE_SECONDS)
        yield running


def changed(client: StreamedClient, number: int) -> float:
    """Change the flag; return how many seconds after the commit the client saw it."""
    client.environment.put_flag(flag(number))
    committed_at_ms: int = client.environment.api("GET", "").json()["committed_at_ms"]
    return client.sees(number, PATIENCE_SECONDS) - committed_at_ms / 1000


@pytest.mark.parametrize(
    ("end", "changes"),
    [
        (PrivateStack.stop_origin, 20),
        (PrivateStack.kill_origin, 20),
        pytest.param(PrivateStack.stop_origin, 100, marks=pytest.mark.slow),
    ],
    ids=["stopped-20", "killed-20", "stopped-100"],
)
def test_web_client__changes_with_a_restart_among_them__sees_each_of_them(
    private: PrivateStack,
    client: StreamedClient,
    end: Callable[[PrivateStack], None],
    changes: int,
    record_testsuite_property: Record,
) -> None:
    half = changes // 2
    took = [changed(client, number) for number in range(1, half)]

    end(private)
    private.start_origin(**SHORT_LEASE)
    changed(client, half)
    took += [changed(client, number) for number in range(half + 1, changes + 1)]

    assert client.seen == list(range(changes + 1))
    p95 = sorted(took)[int(0.95 * len(took))]
    record_testsuite_property(f"seconds from commit to a web client at the edge, p95 of {changes}", round(p95, 3))


def test_web_client__changes_faster_than_it_asks__ends_with_the_last(client: StreamedClient) -> None:
    for number in range(1, 11):
        client.environment.put_flag(flag(number))
    client.sees(10, PATIENCE_SECONDS)
    time.sleep(0.2)
    assert client.seen == sorted(client.seen)
