"""The page script and the script format at edge and origin, through workerd and over the wire."""

import pytest

from flaghoist.hydration import SCRIPT
from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, Side
from tests.e2e.typed_flags import HOSTILE, typed_flagset

pytestmark = pytest.mark.e2e

PATH = "/v1/bootstrap.js"
PERSON = {"targetingKey": HOSTILE[0], "text": "".join(HOSTILE)}


@pytest.fixture(scope="module", autouse=True)
def flags(environment: Environment) -> None:
    environment.reach(environment.replace(snapshot_body(typed_flagset())))


def test_page_script__get_and_head__the_same_at_edge_and_origin(environment: Environment, side: Side) -> None:
    url = environment.side(side) + PATH
    got, headed = environment.http.get(url), environment.http.head(url)
    assert (got.status_code, got.text) == (200, SCRIPT)
    assert got.headers["Content-Type"] == "application/javascript; charset=utf-8"
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers["ETag"] == got.headers["ETag"]
    held = environment.http.get(url, headers={"If-None-Match": got.headers["ETag"]})
    assert (held.status_code, held.content) == (304, b"")


def test_script_format__etag_and_payload__the_same_at_edge_and_origin(environment: Environment) -> None:
    edge, origin = (
        environment.bootstrap(PERSON, side=side, scope="client", query="?format=js") for side in ("edge", "origin")
    )
    assert edge.headers["ETag"] == origin.headers["ETag"]
    assert edge.text.partition('"ofrep"')[0] == origin.text.partition('"ofrep"')[0]
    assert edge.text.partition('"etag"')[2] == origin.text.partition('"etag"')[2]
    assert environment.keys.client in edge.text
