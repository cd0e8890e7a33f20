"""What Worker and origin say to each other: it stands once, and what one side writes the other reads."""

import ast

import pytest

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.protocol.edge_origin import (
    ATTRIBUTES_HEADER,
    CONFIRMED_HEADER,
    MANIFEST_PATH,
    SHARD_PATH,
    TOKEN_HEADER,
    decode_attributes,
    edge_token,
    encode_attributes,
    manifest_path,
    shard_path,
)
from flaghoist.protocol.freshness import STATE_HEADERS
from flaghoist.protocol.sdk_origin import STREAM_PATH, snapshot_path
from tests.architecture.modules import modules

ONCE = (ATTRIBUTES_HEADER, CONFIRMED_HEADER, TOKEN_HEADER, MANIFEST_PATH, SHARD_PATH, STREAM_PATH, *STATE_HEADERS)
ROOMS = ("flaghoist", "flaghoist_edge", "flaghoist_origin", "flaghoist_cli")


@pytest.mark.parametrize("text", ONCE)
def test_name__stands_in_one_module(text: str) -> None:
    homes = {
        module.name
        for module in modules().values()
        if module.room in ROOMS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value == text
    }
    assert len(homes) == 1, homes


def test_paths__name_environment_and_hash() -> None:
    assert manifest_path("staging") == "/v1/edge/staging/manifest"
    assert shard_path("staging", "ab" * 32) == f"/v1/edge/staging/shards/{'ab' * 32}"
    assert snapshot_path("staging") == "/api/v1/environments/staging/snapshot"


def test_token__depends_on_the_secret_alone() -> None:
    assert edge_token(b"one") == edge_token(b"one")
    assert edge_token(b"one") != edge_token(b"two")


@pytest.mark.parametrize("attributes", [{}, {"edge.country": "DE"}, {"edge.city": "Köln", "edge.bot": True}])
def test_attributes__written_and_read__are_the_same(attributes: dict[str, object]) -> None:
    written = encode_attributes(attributes)
    assert decode_attributes(written) == attributes
    assert decode_attributes(written.rstrip("=")) == attributes


@pytest.mark.parametrize("text", ["A", "ä", "W10", "e30x"])
def test_attributes__that_are_no_object__are_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_attributes(text)


def test_attributes__past_the_limit__are_refused() -> None:
    with pytest.raises(LimitExceeded):
        decode_attributes(encode_attributes({"edge.city": "x" * 100_000}))
