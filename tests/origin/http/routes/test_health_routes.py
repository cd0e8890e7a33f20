"""Health: alive always, ready with reasons, and publishing on demand."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from flaghoist.errors import Unavailable
from flaghoist_origin.http.app import create_app
from flaghoist_origin.storage.database.records import Backlog
from flaghoist_origin.storage.store import Store
from tests.origin.a_publisher import an_authority
from tests.origin.an_origin import START_MS, AnOrigin, StandingClock, a_document, an_origin, prepare, settings_in
from tests.origin.fake_kv import FakeKv
from tests.origin.lost_database import lose_database

pytestmark = pytest.mark.anyio


@pytest.fixture
def kv() -> FakeKv:
    """Return an empty KV."""
    return FakeKv()


@pytest.fixture
async def publishing(anyio_backend: str, tmp_path: Path, kv: FakeKv) -> AsyncIterator[AnOrigin]:
    """Start an origin that publishes into ``kv``."""
    async with an_origin(tmp_path, kv) as started:
        yield started


def failed(response: httpx.Response) -> list[str]:
    return [check["name"] for check in response.json()["checks"] if check["status"] == "fail"]


async def test_healthz__alive__200(origin: AnOrigin) -> None:
    response = await origin.client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_readyz__nothing_to_publish_to__ready_and_says_so(origin: AnOrigin) -> None:
    response = await origin.client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["environments"]["production"]["publishing"] == "off"
    assert "FLAGHOIST_KV_ACCOUNT" in response.json()["notes"][0]


async def test_readyz__published__names_the_version_in_kv(publishing: AnOrigin) -> None:
    await publishing.put("/flags/checkout", a_document())
    await publishing.post("/publish", None)

    ready = (await publishing.client.get("/readyz")).json()

    assert ready["ready"] is True
    assert ready["environments"]["production"] == {
        "committed": "1-1",
        "in_kv": "1-1",
        "pending": 0,
        "kv_lag_seconds": 0.0,
        "publishing": "published",
        "detail": "",
    }


async def test_readyz__kv_away__ready_for_edges_and_says_how_far_kv_lags(publishing: AnOrigin, kv: FakeKv) -> None:
    await publishing.post("/publish", None)
    kv.fault("fail")
    await publishing.put("/flags/checkout", a_document())
    publishing.clock.advance(12)
    await publishing.post("/publish", None)

    response = await publishing.client.get("/readyz")

    assert response.status_code == 200
    health = response.json()["environments"]["production"]
    assert (health["committed"], health["in_kv"]) == ("1-1", "1-0")
    assert (health["publishing"], round(health["kv_lag_seconds"])) == ("failing", 12)
    assert "told to" in response.json()["notes"][0]


async def test_readyz__kv_ahead__not_ready_until_recovered(tmp_path: Path) -> None:
    kv = FakeKv()
    async with an_authority(tmp_path / "old", kv, StandingClock(START_MS - 60_000)) as old:
        await old.environment_publisher.publish_due()
    async with an_origin(tmp_path / "new", kv) as new:
        refused = await new.post("/publish", None)
        before = await new.client.get("/readyz")
        recovered = await new.post("/recover", None)
        after = await new.client.get("/readyz")

    assert refused.status_code == 409
    assert "flaghoist recover" in refused.json()["detail"]
    assert before.status_code == 503
    assert before.json()["reasons"] == [refused.json()["detail"]]
    assert recovered.json()["version"] == "2-1"
    assert after.status_code == 200


async def test_readyz__database_away__not_ready(publishing: AnOrigin) -> None:
    await lose_database(publishing)

    response = await publishing.client.get("/readyz")
    alive = await publishing.client.get("/healthz")

    assert (response.status_code, alive.status_code) == (503, 200)
    assert "the database does not answer" in response.json()["reasons"][0]
    assert failed(response) == ["database"]


async def test_readyz__shutdown_announced__not_ready_and_still_answering(publishing: AnOrigin) -> None:
    publishing.services.shutdown.announce()

    response = await publishing.client.get("/readyz")

    assert response.status_code == 503
    assert failed(response) == ["shutdown"]
    assert (await publishing.get("/flags")).status_code == 200


class LateStore(Store):
    """A store whose database is away until told otherwise."""

    is_away = True

    async def migrate(self) -> None:
        if self.is_away:
            raise Unavailable("the database does not answer")
        await super().migrate()

    async def backlogs(self) -> Mapping[str, Backlog]:
        if self.is_away:
            raise Unavailable("the database does not answer")
        return await super().backlogs()


async def test_start__database_away__serves_503_until_it_is_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await prepare(tmp_path)
    clock, settings = StandingClock(), settings_in(tmp_path)
    store = LateStore(settings.url, clock)
    app = create_app(settings, store=store, kv=None, clock=clock)
    key = {"X-API-Key": f"fh_client_production_{'a' * 43}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://origin.test") as client,
    ):
        before = await client.get("/readyz")
        evaluated = await client.post("/ofrep/v1/evaluate/flags", json={}, headers=key)
        listed = await client.get("/api/v1/environments/production/flags", headers=key)
        store.is_away = False
        await app.state.services.start.attempt()
        after = await client.get("/readyz")
        refused = await client.post("/ofrep/v1/evaluate/flags", json={}, headers=key)
    await store.close()

    assert failed(before) == ["database", "migrations", "first_load"]
    assert [evaluated.status_code, listed.status_code, refused.status_code] == [503, 503, 401]
    assert evaluated.headers["retry-after"] == "1"
    assert (after.status_code, failed(after)) == (200, [])
    assert len([record for record in caplog.records if record.name == "flaghoist.origin"]) == 1


async def test_publish__now__reports_what_was_written(publishing: AnOrigin, kv: FakeKv) -> None:
    await publishing.post("/publish", None)
    await publishing.put("/flags/checkout", a_document())
    kv.forget_calls()

    response = await publishing.post("/publish", None)

    assert response.status_code == 200
    said = response.json()
    assert (said["version"], said["was"], said["values_written"]) == ("1-1", "1-0", 2)
    assert said["bytes"] == sum(len(kv.values[key]) for key in kv.written())
    assert response.headers["flaghoist-version"] == "1-1"


async def test_publish__kv_away__503_with_retry_after(publishing: AnOrigin, kv: FakeKv) -> None:
    kv.fault("fail")

    response = await publishing.post("/publish", None)

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert "told to" in response.json()["detail"]


async def test_publish__origin_without_kv__conflict_names_the_settings(origin: AnOrigin) -> None:
    response = await origin.post("/publish", None)

    assert response.status_code == 409
    assert "FLAGHOIST_KV_ACCOUNT" in response.json()["detail"]


@pytest.mark.parametrize("action", ["publish", "recover"])
async def test_publish__server_key__403(publishing: AnOrigin, action: str) -> None:
    response = await publishing.request("POST", f"/{action}", kind="server")

    assert response.status_code == 403
