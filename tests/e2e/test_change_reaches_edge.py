"""What is committed reaches the edge: through KV alone, at once for whoever names it, after a crash; keys do, too."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.builders import a_flag, a_flagset
from tests.e2e.conftest import NewStack
from tests.e2e.documents import Document, as_documents
from tests.e2e.environments import Environment, wait_until
from tests.e2e.stacks import Stack

pytestmark = pytest.mark.e2e

FLAG = "rolled-out"
SERVE_SECONDS = 30
"""For so long the edge serves what it has read without looking again."""

REACHES_SECONDS = 35
"""Within this a change is served to whoever polls: the time above, one publish and one read."""

PAUSE_SECONDS = 10
"""Time for one read that a request has begun, and for the pause before the edge doubts its keys again."""

SHORT_LEASE = {"FLAGHOIST_LEASE_SECONDS": "3", "FLAGHOIST_KV_WRITE_TIMEOUT_SECONDS": "2"}
"""An origin that was killed keeps its lease until it ends."""


def flag(variation: str) -> Document:
    """Return the flag with what it serves."""
    built = a_flag(FLAG).on().variations("before", before="before", after="after").fallthrough(variation)
    [document] = as_documents(a_flagset(built))["flags"].values()
    found: Document = document
    return found


@dataclass(frozen=True)
class Change:
    """A change that was made in an environment of which the edge held the state before."""

    environment: Environment
    version: str
    at_seconds: float

    def is_served_in(self, answered: httpx.Response) -> bool:
        """Say whether a bootstrap knows the change."""
        is_new: bool = answered.json()["flags"][FLAG]["value"] == "after"
        return is_new and answered.headers["Flaghoist-Version"] == self.version


def a_change(environment: Environment) -> Change:
    """Let the edge hold the flag as it was, then change it."""
    environment.reach(environment.put_flag(flag("before")))
    assert environment.value_of(FLAG) == "before"
    version = environment.put_flag(flag("after"))
    return Change(environment, version, time.monotonic())


@dataclass(frozen=True)
class Issued:
    """A key as the API answers it."""

    id: str
    key: str


def issue(environment: Environment, kind: str) -> Issued:
    """Issue a key over the API."""
    made = environment.api("POST", "/keys", json={"kind": kind, "name": "tests"}).raise_for_status().json()
    return Issued(made["id"], made["key"])


def status_for(environment: Environment, key: str) -> int:
    """Return the status that the edge answers to a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return environment.http.get(f"{environment.edge}/v1/bootstrap", headers=headers).status_code


@pytest.fixture(scope="module", autouse=True)
def revoked(stack: Stack) -> tuple[Environment, Issued]:
    """Return a key that the edge knew, revoked while the first tests run."""
    environment = stack.environment("keys")
    environment.reach(environment.put_flag(flag("before")))
    issued = issue(environment, "server")
    wait_until(lambda: status_for(environment, issued.key) == 200, PAUSE_SECONDS)
    environment.api("DELETE", f"/keys/{issued.id}").raise_for_status()
    return environment, issued


@pytest.fixture(scope="module", autouse=True)
def changes(stack: Stack) -> Mapping[str, Change]:
    """Make changes of which nobody tells the edge, while the first tests run."""
    return {name: a_change(stack.environment(name)) for name in ("polled", "quiet")}


def test_change__version_named__served_at_once(environment: Environment) -> None:
    environment.reach(environment.put_flag(flag("before")))
    for variation in ("after", "before", "after"):
        version = environment.put_flag(flag(variation))
        answered = environment.bootstrap({"targetingKey": "ada"}, query=f"?min_version={version}")
        assert answered.headers["Flaghoist-Version"] == version
        assert answered.json()["flags"][FLAG]["value"] == variation
        assert "Flaghoist-Notes" not in answered.headers


def test_change__config_etag_of_an_event__bulk_is_new_and_never_304(environment: Environment) -> None:
    environment.reach(environment.put_flag(flag("before")))
    held = environment.bulk("edge", "server", {}).headers["ETag"]
    version = environment.put_flag(flag("after"))
    asked = environment.bulk(
        "edge", "server", {}, query=f"?flagConfigEtag=%22{version}%22", headers={"If-None-Match": held}
    )
    assert (asked.status_code, asked.headers["Flaghoist-Version"]) == (200, version)
    assert asked.headers["ETag"] != held


def test_change__strong_flag_asked_for_strongly__is_new_before_the_edge_is(environment: Environment) -> None:
    environment.reach(environment.put_flag({**flag("before"), "consistency": "strong"}))
    changed = environment.put_flag({**flag("after"), "consistency": "strong"})
    strong = environment.single("edge", "server", f"{FLAG}?consistency=strong", {})
    assert (strong.json()["value"], strong.headers["Flaghoist-Consistency"]) == ("after", "strong")
    assert (strong.headers["Flaghoist-Version"], strong.headers["Flaghoist-Level"]) == (changed, "2")


@pytest.mark.parametrize("version", ["1-999999", "999999", "7-1"])
def test_floor__beyond_the_latest__answered_from_memory_and_marked(environment: Environment, version: str) -> None:
    latest = environment.put_flag(flag("before"))
    environment.reach(latest)
    answered = environment.bootstrap({"targetingKey": "ada"}, query=f"?min_version={version}")
    assert answered.status_code == 200
    assert answered.headers["Flaghoist-Version"] == latest
    assert answered.headers["Flaghoist-Notes"] == "behind-floor"
    assert answered.json()["flags"][FLAG]["value"] == "before"


def test_change__origin_killed_between_commit_and_kv__reaches_kv_and_edge_after_restart(new_stack: NewStack) -> None:
    private = new_stack()
    private.start_edge()
    private.start_origin(**SHORT_LEASE)
    running = private.started()
    environment = running.environment("production")
    environment.reach(before := environment.put_flag(flag("before")))
    wait_until(lambda: private.kv.published(environment.name) == before, 20)

    private.kv.fail(rest="stall")
    committed = environment.put_flag(flag("after"))
    private.kill_origin()
    private.kv.work()
    assert private.kv.published(environment.name) == before, "the change was committed and not published"

    private.start_origin(**SHORT_LEASE)
    wait_until(lambda: private.kv.published(environment.name) == committed, 20)
    private.kill_origin()
    environment.reach(committed, seconds=2 * REACHES_SECONDS)
    assert environment.value_of(FLAG) == "after", "with the origin gone, this can only have come through KV"


def test_change__only_polled_for__served_by_the_edge_without_restart(changes: Mapping[str, Change]) -> None:
    polled = changes["polled"]
    wait_until(lambda: polled.is_served_in(polled.environment.bootstrap({"targetingKey": "ada"})), 2 * REACHES_SECONDS)


def test_change__request_after_a_quiet_while__brings_it_for_the_next(
    changes: Mapping[str, Change], record_testsuite_property: Callable[[str, object], None]
) -> None:
    quiet = changes["quiet"]
    time.sleep(max(0.0, quiet.at_seconds + SERVE_SECONDS + 1 - time.monotonic()))
    first = quiet.environment.bootstrap({"targetingKey": "ada"})
    assert (first.status_code, first.headers["Flaghoist-Level"]) == (200, "0")
    record_testsuite_property("fresh at the first request after a quiet while", quiet.is_served_in(first))
    wait_until(lambda: quiet.is_served_in(quiet.environment.bootstrap({"targetingKey": "ada"})), PAUSE_SECONDS)


@pytest.mark.parametrize("kind", ["client", "server"])
def test_new_key__edge__takes_it_soon_without_a_new_version(environment: Environment, kind: str) -> None:
    environment.reach(environment.put_flag(flag("before")))
    before = environment.bootstrap({}).headers["Flaghoist-Version"]
    issued = issue(environment, kind)
    wait_until(lambda: status_for(environment, issued.key) == 200, PAUSE_SECONDS)
    assert environment.bootstrap({}).headers["Flaghoist-Version"] == before


def test_revoked_key__edge__refuses_it_without_a_new_version(revoked: tuple[Environment, Issued]) -> None:
    environment, issued = revoked
    wait_until(lambda: status_for(environment, issued.key) == 401, 2 * REACHES_SECONDS)
    assert environment.bootstrap({}).status_code == 200
