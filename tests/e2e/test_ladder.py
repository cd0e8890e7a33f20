"""The ladder: what is answered, and how it is marked, when parts are away at the start or go away later."""

import httpx
import pytest

from tests.e2e.conftest import NewStack, Stranded
from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, Keys, wait_until
from tests.e2e.stacks import PrivateStack
from tests.e2e.visitors import CONTEXTS, OF_THE_EDGE, SCOPES, answers, ask, flags, is_fresh, items, level, values

pytestmark = pytest.mark.e2e

SECONDS = 40


@pytest.fixture(scope="module")
def bare_stack(new_stack: NewStack) -> PrivateStack:
    """Return a stack of which the edge alone was started, beside an empty KV."""
    private = new_stack()
    private.start_edge()
    return private


@pytest.fixture(params=["empty", "failing"])
def bare(bare_stack: PrivateStack, request: pytest.FixtureRequest, http: httpx.Client) -> Environment:
    """Return an environment of an edge that has no origin, and a KV that is empty or fails."""
    bare_stack.kv.fail(binding="ok" if request.param == "empty" else "fail")
    keys = Keys(*(f"fh_{kind}_production_{'0' * 43}" for kind in ("admin", "client", "server")))
    return Environment("production", bare_stack.origin, bare_stack.edge, keys, http)


def test_origin_and_kv_gone__edge__goes_on_from_memory(stranded: Stranded) -> None:
    assert answers(stranded.environment) == stranded.before
    assert level(stranded.environment.bootstrap({})) in (0, 1)


@pytest.mark.parametrize("format", ["flaghoist", "ofrep", "values", "launchdarkly", "js"])
def test_nothing_reachable__bootstrap__empty_without_etag(bare: Environment, format: str) -> None:
    answered = bare.bootstrap({"targetingKey": "ada"}, query=f"?format={format}")
    assert (answered.status_code, level(answered)) == (200, 4)
    assert "ETag" not in answered.headers
    assert answered.headers["Flaghoist-Version"] == "0-0"
    if format in {"flaghoist", "ofrep"}:
        assert not answered.json()["flags"]


def test_nothing_reachable__ofrep__503_to_be_tried_again(bare: Environment) -> None:
    for answered in (bare.bulk("edge", "client", {}), bare.single("edge", "server", "pro", {})):
        assert (answered.status_code, level(answered)) == (503, 4)
        assert int(answered.headers["Retry-After"]) > 0
        assert answered.json()["errorDetails"]


def test_kv_failing_at_start__edge__forwards_with_the_same_answers(bare_stack: PrivateStack) -> None:
    bare_stack.kv.fail(binding="fail")
    bare_stack.start_origin()
    running = bare_stack.started()
    first = running.environment("production")
    wait_until(lambda: level(first.bootstrap({})) != 4, SECONDS)
    for scope in SCOPES:
        environment = running.environment(f"forwarded-{scope}")
        environment.replace(snapshot_body(flags()))
        forwarded = ask(environment, scope, CONTEXTS[0])
        assert level(forwarded) == 2
        assert values(forwarded)[OF_THE_EDGE] is True, "the origin was told what the edge knows"
        direct = ask(environment, scope, CONTEXTS[0], "origin")
        assert values(direct) == {**values(forwarded), OF_THE_EDGE: False}

        wait_until(lambda asked=environment: is_fresh(asked), SECONDS)  # type: ignore[misc]
        from_memory = ask(environment, scope, CONTEXTS[0])
        assert items(from_memory) == items(forwarded), "answers do not flip"
        assert from_memory.headers["ETag"] == forwarded.headers["ETag"]


def test_kv_back__edge__is_fresh_and_follows_it(bare_stack: PrivateStack) -> None:
    bare_stack.kv.work()
    environment = bare_stack.started().environment("recovered")
    version = environment.replace(snapshot_body(flags()))
    environment.reach(version, seconds=SECONDS)
    wait_until(lambda: bare_stack.kv.published(environment.name) == version, SECONDS)
    assert is_fresh(environment)
