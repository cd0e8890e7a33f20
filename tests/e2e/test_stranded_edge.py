"""An edge that neither KV nor origin has answered for over a minute: last known good, said so, and back to fresh."""

import time

import pytest

from tests.e2e.conftest import Stranded
from tests.e2e.documents import snapshot_body
from tests.e2e.environments import wait_until
from tests.e2e.visitors import answers, flags, is_fresh, level

pytestmark = pytest.mark.e2e

REVALIDATE_SECONDS = 60
"""Past this age of its last read, the edge no longer calls what it holds fresh."""

SECONDS = 40


@pytest.fixture(scope="module", autouse=True)
def long_enough(stranded: Stranded) -> None:
    """Wait for what the other tests have left of the minute."""
    time.sleep(max(0.0, stranded.at_seconds + REVALIDATE_SECONDS - time.monotonic()))


def test_both_gone_for_long__edge__serves_last_known_good_and_says_so(stranded: Stranded) -> None:
    wait_until(lambda: level(stranded.environment.bootstrap({})) == 3, SECONDS)
    assert answers(stranded.environment) == stranded.before
    marked = stranded.environment.bulk("edge", "server", {})
    assert marked.json()["metadata"]["level"] == 3
    assert int(marked.headers["Flaghoist-Age"]) >= REVALIDATE_SECONDS


def test_both_back__edge__is_fresh_again_and_learns_of_changes(stranded: Stranded) -> None:
    stranded.private.kv.work()
    stranded.private.start_origin()
    wait_until(lambda: is_fresh(stranded.environment), SECONDS)
    assert answers(stranded.environment) == stranded.before
    changed = stranded.environment.put_flag({**snapshot_body(flags())["flags"][0], "on": False})
    stranded.environment.reach(changed)
