"""Keys at the edge: a new one works at once, a revoked one soon no longer, and neither needs a new snapshot version."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, wait_until
from tests.e2e.stacks import Stack
from tests.e2e.visitors import flags

pytestmark = pytest.mark.e2e

REACHES_SECONDS = 70
"""Within this every edge has read a manifest that was published a moment after the key was revoked, twice over."""


@dataclass(frozen=True)
class Issued:
    """A key as the API answers it."""

    id: str
    key: str


def issue(environment: Environment, kind: str) -> Issued:
    """Issue a key over the API."""
    made = environment.api("POST", "/keys", json={"kind": kind, "name": "tests"}).raise_for_status().json()
    return Issued(made["id"], made["key"])


def ask(environment: Environment, key: str) -> httpx.Response:
    """Ask the edge for a bootstrap with this key."""
    return environment.http.get(f"{environment.edge}/v1/bootstrap", headers={"Authorization": f"Bearer {key}"})


@pytest.fixture(scope="session")
def revoked(stack: Stack) -> tuple[Environment, Issued]:
    """Return a key that the edge knew, revoked while other tests run."""
    environment = stack.environment("keys")
    environment.reach(environment.replace(snapshot_body(flags())))
    issued = issue(environment, "server")
    assert ask(environment, issued.key).status_code == 200
    environment.api("DELETE", f"/keys/{issued.id}").raise_for_status()
    return environment, issued


@pytest.mark.parametrize(
    ("kind", "seen"), [("client", {"half", "pro", "far"}), ("server", {"half", "pro", "far", "hidden"})]
)
def test_new_key__edge__takes_it_at_once(environment: Environment, kind: str, seen: set[str]) -> None:
    version = environment.replace(snapshot_body(flags()))
    environment.reach(version)
    answered = ask(environment, issue(environment, kind).key)
    shown: Mapping[str, object] = answered.raise_for_status().json()["flags"]
    assert set(shown) == seen
    assert answered.headers["Flaghoist-Version"] == version


def test_revoked_key__edge__refuses_it_without_a_new_version(revoked: tuple[Environment, Issued]) -> None:
    environment, issued = revoked
    wait_until(lambda: ask(environment, issued.key).status_code == 401, REACHES_SECONDS)
    assert environment.bootstrap({}).status_code == 200
