"""How bodies arrive at the edge: in pieces, slowly, side by side, or never to their end."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import msgspec
import pytest

from tests.e2e.documents import Document, snapshot_body
from tests.e2e.environments import Environment
from tests.e2e.raw_http import SECONDS, send
from tests.e2e.visitors import answers, flags

pytestmark = pytest.mark.e2e

BULK = "/ofrep/v1/evaluate/flags"
USERS = [f"user-{number}" for number in range(8)]


@pytest.fixture(scope="module", autouse=True)
def published(environment: Environment) -> None:
    """Put flags at the edge."""
    environment.reach(environment.replace(snapshot_body(flags())))


def body_of(user: str) -> bytes:
    return msgspec.json.encode({"context": {"targetingKey": user}})


def at_once(environment: Environment, user: str) -> Document:
    headers = {"Authorization": f"Bearer {environment.keys.client}"}
    answer: Document = send(environment.edge, "POST", BULK, headers, body_of(user)).json()
    return answer


@pytest.fixture
def connections(environment: Environment) -> Iterator[list[socket.socket]]:
    """Return a connection to the edge for each user, with the request's head and half of its body sent."""
    address = urlsplit(environment.edge)
    with ExitStack() as held:
        opened = []
        for user in USERS:
            body = body_of(user)
            connection = socket.create_connection((address.hostname or "", address.port or 0), SECONDS)
            opened.append(held.enter_context(connection))
            head = f"POST {BULK} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {environment.keys.client}\r\n"
            connection.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:9])
        yield opened


def test_body__in_halves_side_by_side__each_gets_its_own_answer(
    environment: Environment, connections: list[socket.socket]
) -> None:
    expected = {user: at_once(environment, user)["flags"] for user in USERS}
    for user, connection in reversed(list(zip(USERS, connections, strict=True))):
        connection.sendall(body_of(user)[9:])
    for user, connection in zip(USERS, connections, strict=True):
        content = connection.makefile("rb").read().partition(b"\r\n\r\n")[2]
        assert msgspec.json.decode(content)["flags"] == expected[user]


def test_body__whose_callers_hang_up__leaves_the_edge_answering(
    environment: Environment, connections: list[socket.socket]
) -> None:
    before = answers(environment)
    for connection in connections:
        connection.close()
    assert answers(environment) == before


def test_body__of_unknown_length__gets_the_same_answer(environment: Environment) -> None:
    headers = {"Authorization": f"Bearer {environment.keys.client}"}
    pieces = iter([body_of(USERS[0])[:5], body_of(USERS[0])[5:]])
    answer = environment.http.post(environment.edge + BULK, headers=headers, content=pieces)
    assert answer.json()["flags"] == at_once(environment, USERS[0])["flags"]
