"""What only an edge may read: the manifest and shards as committed, although KV lags."""

from hashlib import sha256

import pytest

from flaghoist.engine.load import load
from flaghoist.protocol.edge_origin import edge_token
from flaghoist.snapshot.manifest import decode_manifest
from flaghoist.snapshot.sealing import Sealer
from tests.origin.an_origin import SECRET, AnOrigin, a_document
from tests.origin.lost_database import lose_database

pytestmark = pytest.mark.anyio
TOKEN = {"Flaghoist-Edge-Token": edge_token(SECRET.encode())}
MANIFEST = "/v1/edge/production/manifest"


async def test_manifest__committed_flag__there_at_once_and_loads(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())

    response = await origin.client.get(MANIFEST, headers=TOKEN)

    manifest = decode_manifest(response.content)
    assert str(manifest.snapshot_version) == response.headers["flaghoist-version"] == "1-1"
    blobs = {}
    for shard in manifest.shards:
        blob = await origin.client.get(f"/v1/edge/production/shards/{shard.hash}", headers=TOKEN)
        assert blob.headers["content-type"] == "application/octet-stream"
        assert "immutable" in blob.headers["cache-control"]
        assert sha256(blob.content).hexdigest() == shard.hash
        blobs[shard.hash] = blob.content
    loaded = load(manifest.shards, blobs, Sealer(SECRET.encode(), "production"))
    assert loaded.engine.evaluate("checkout", {}).value_json == b"true"


async def test_manifest__draw_by_mix__tells_readers_that_they_must_know_it(origin: AnOrigin) -> None:
    formats = []
    for algorithm, if_match in (("sha256", None), ("mix", "*"), ("sha256", "*")):
        weights = [{"variation": "on", "weight": 100_000}]
        rollout = {"rollout": {"weights": weights, "algorithm": algorithm}}
        await origin.put("/flags/checkout", a_document(fallthrough=rollout), if_match=if_match)
        response = await origin.client.get(MANIFEST, headers=TOKEN)
        formats.append(decode_manifest(response.content).format)
    assert formats == [1, 2, 1]


async def test_manifest__held_already__304_that_confirms_it(origin: AnOrigin) -> None:
    first = await origin.client.get(MANIFEST, headers=TOKEN)
    origin.clock.advance(60)

    again = await origin.client.get(MANIFEST, headers={**TOKEN, "If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["flaghoist-confirmed-at"] == str(origin.clock.now_ms())


@pytest.mark.parametrize("change", ["flag", "key"])
async def test_manifest__changed_since__200_with_another_etag(origin: AnOrigin, change: str) -> None:
    first = await origin.client.get(MANIFEST, headers=TOKEN)
    if change == "flag":
        await origin.put("/flags/checkout", a_document())
    else:
        await origin.post("/keys", {"kind": "client", "name": "web"})

    again = await origin.client.get(MANIFEST, headers={**TOKEN, "If-None-Match": first.headers["etag"]})

    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


async def test_manifest__another_origin_committed__not_confirmed_but_read_again(origin: AnOrigin) -> None:
    first = await origin.client.get(MANIFEST, headers=TOKEN)
    await origin.store.raise_epoch("production", 7)

    again = await origin.client.get(MANIFEST, headers={**TOKEN, "If-None-Match": first.headers["etag"]})

    assert decode_manifest(again.content).epoch == 7


async def test_manifest__database_away__what_is_held_and_when_it_was_right(origin: AnOrigin) -> None:
    held = origin.services.environments.get("production").serving.manifest
    origin.clock.advance(60)
    await lose_database(origin)

    response = await origin.client.get(MANIFEST, headers=TOKEN)

    assert response.status_code == 200
    assert response.headers["flaghoist-confirmed-at"] == str(held.confirmed_at_ms)


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ümlaut"])
@pytest.mark.parametrize("path", [MANIFEST, "/v1/edge/production/shards/" + "0" * 64, "/v1/edge/none/manifest"])
async def test_edge_route__token_missing_or_wrong__401(origin: AnOrigin, path: str, token: str | None) -> None:
    headers = [] if token is None else [(b"Flaghoist-Edge-Token", token.encode())]

    response = await origin.client.get(path, headers=headers)

    assert response.status_code == 401
    assert "FLAGHOIST_SECRET" in response.json()["detail"]


async def test_edge_route__admin_key_instead_of_the_token__401(origin: AnOrigin) -> None:
    response = await origin.client.get(MANIFEST, headers={"Authorization": f"Bearer {origin.keys['admin']}"})

    assert response.status_code == 401


@pytest.mark.parametrize("wanted", ["0" * 64, "no-hash", "..%2f..%2fetc"])
async def test_shard__unknown_hash__404(origin: AnOrigin, wanted: str) -> None:
    response = await origin.client.get(f"/v1/edge/production/shards/{wanted}", headers=TOKEN)

    assert response.status_code == 404


async def test_manifest__unknown_environment__404(origin: AnOrigin) -> None:
    response = await origin.client.get("/v1/edge/none/manifest", headers=TOKEN)

    assert response.status_code == 404


async def test_manifest__written_to__405(origin: AnOrigin) -> None:
    response = await origin.client.post(MANIFEST, headers=TOKEN)

    assert response.status_code == 405
