"""What the local stack does about a KV that disagrees with its database."""

import pytest

from flaghoist_cli.client.http_request import Refused
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import OriginTarget
from flaghoist_cli.local.dev.stack import put_in_force
from tests.scripts.fake_origin import ADMIN_KEY, OriginState


def put(origin: OriginState) -> list[str]:
    """Put the origin's state in force; return what was reported."""
    reported: list[str] = []
    with OriginClient(OriginTarget(origin.url, "production", ADMIN_KEY)) as client:
        put_in_force(client, reported.append)
    return reported


def test_put_in_force__kv_agrees__publishes_only(origin: OriginState) -> None:
    assert put(origin) == []
    assert origin.requests == ["POST /publish"]


def test_put_in_force__kv_is_ahead__recovers_and_says_so(origin: OriginState) -> None:
    origin.publish_problem = "kv-ahead"
    assert put(origin) == ["KV is ahead of the database, which was created anew: recovering"]
    assert origin.requests == ["POST /publish", "POST /recover"]


def test_put_in_force__another_holds_the_lease__waits_for_the_publisher(origin: OriginState) -> None:
    origin.publish_problem = "lease-held"
    assert put(origin) == []
    assert origin.requests == ["POST /publish"]


def test_put_in_force__anything_else__is_an_error(origin: OriginState) -> None:
    origin.publish_problem = "internal"
    with pytest.raises(Refused, match="publishing is refused"):
        put(origin)
