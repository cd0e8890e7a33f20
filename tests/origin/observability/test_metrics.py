"""Metrics: what Prometheus sees, under bounded labels, without secrets, to whom the token is known."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from flaghoist_origin.http.app import create_app
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import SECRET, AnOrigin, StandingClock, a_document, an_origin, prepare, settings_in
from tests.origin.fake_kv import FakeKv
from tests.origin.lost_database import lose_database

pytestmark = pytest.mark.anyio

BULK = "/ofrep/v1/evaluate/flags"
Labels = frozenset[tuple[str, str]]


@pytest.fixture
def kv() -> FakeKv:
    """Return an empty KV."""
    return FakeKv()


@pytest.fixture
async def publishing(anyio_backend: str, tmp_path: Path, kv: FakeKv) -> AsyncIterator[AnOrigin]:
    """Start an origin that publishes into ``kv``."""
    async with an_origin(tmp_path, kv) as started:
        yield started


async def scrape(origin: AnOrigin) -> Mapping[tuple[str, Labels], float]:
    text = (await origin.client.get("/metrics")).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels(**named: str) -> Labels:
    return frozenset(named.items())


async def evaluate(origin: AnOrigin, path: str, kind: str = "client") -> httpx.Response:
    return await origin.client.post(path, json={}, headers={"X-API-Key": origin.keys[kind]})


async def test_evaluations__each_outcome__counted_by_route(origin: AnOrigin) -> None:
    before = await scrape(origin)
    await evaluate(origin, BULK)
    await evaluate(origin, f"{BULK}/checkout")
    await evaluate(origin, "/v1/bootstrap")
    await evaluate(origin, "/v1/bootstrap")
    after = await scrape(origin)

    def grown(route: str, outcome: str) -> float:
        key = ("flaghoist_evaluations_total", labels(route=route, outcome=outcome))
        return after[key] - before.get(key, 0)

    assert (grown("bulk", "answered"), grown("single", "refused"), grown("bootstrap", "answered")) == (1, 1, 2)


async def test_requests__whatever_callers_write__no_label_of_it(origin: AnOrigin) -> None:
    await evaluate(origin, f"{BULK}/a-secret-flag")
    await origin.client.get("/wp-admin/a-secret-path")
    await origin.client.request("BREW", "/healthz")
    await origin.client.get("/api/v1/environments/a-secret-environment/flags/a-secret-flag")

    text = (await origin.client.get("/metrics")).text

    assert "a-secret" not in text
    assert "BREW" not in text
    assert 'route="unmatched"' in text
    assert 'route="/ofrep/v1/evaluate/flags/{key}"' in text


async def test_metrics__every_key_and_secret__absent(publishing: AnOrigin) -> None:
    await publishing.put("/flags/checkout", a_document())
    text = (await publishing.client.get("/metrics")).text

    assert not [secret for secret in (SECRET, *publishing.keys.values()) if secret in text]


async def test_publishing__kv_away__lag_and_failures_show(publishing: AnOrigin, kv: FakeKv) -> None:
    before = await scrape(publishing)
    await publishing.post("/publish", None)
    kv.fault("fail")
    await publishing.put("/flags/checkout", a_document())
    publishing.clock.advance(12)
    await publishing.post("/publish", None)
    after = await scrape(publishing)

    def grown(name: str, **named: str) -> float:
        return after[name, labels(**named)] - before.get((name, labels(**named)), 0)

    assert after["flaghoist_publish_lag_seconds", labels(environment="production")] == pytest.approx(12, abs=0.1)
    assert after["flaghoist_outbox_pending", labels(environment="production")] == 1
    assert after["flaghoist_publishing", labels(environment="production", phase="failing")] == 1
    assert grown("flaghoist_publishes_total", environment="production", outcome="published") >= 1
    assert grown("flaghoist_publishes_total", environment="production", outcome="failing") >= 1
    assert grown("flaghoist_kv_call_seconds_count", operation="put", outcome="done") >= 1
    assert grown("flaghoist_commit_seconds_count", outcome="committed") == 1


async def test_metrics__database_away__still_answered(publishing: AnOrigin) -> None:
    before = await scrape(publishing)
    await lose_database(publishing)
    after = await scrape(publishing)

    assert after["flaghoist_ready", labels()] == 0
    assert after["flaghoist_check", labels(check="database", environment="")] == 0
    assert ("flaghoist_outbox_pending", labels(environment="production")) not in after
    assert after["flaghoist_database_errors_total", labels()] > before["flaghoist_database_errors_total", labels()]


async def test_events__each_outcome__counted(origin: AnOrigin) -> None:
    before = await scrape(origin)
    bad = {"id": "2", "type": "exposure"}
    for _ in range(2):
        good = {"id": "1", "type": "exposure", "flag": "a-secret-flag", "variant": "on"}
        headers = {"X-API-Key": origin.keys["client"]}
        await origin.client.post("/v1/events", json={"events": [good, bad]}, headers=headers)
    after = await scrape(origin)

    def grown(outcome: str) -> float:
        key = ("flaghoist_events_total", labels(outcome=outcome))
        return after[key] - before.get(key, 0)

    assert (grown("accepted"), grown("duplicate"), grown("refused")) == (1, 1, 2)
    assert after["flaghoist_events_waiting", labels()] == 0
    assert "a-secret-flag" not in (await origin.client.get("/metrics")).text


async def test_metrics__token_set__wanted(anyio_backend: str, tmp_path: Path) -> None:
    await prepare(tmp_path)
    settings = msgspec.structs.replace(settings_in(tmp_path), metrics_token="swordfish")
    store = Store(settings.url, StandingClock())
    app = create_app(settings, store=store, kv=None, clock=StandingClock())
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://origin.test") as client,
    ):
        refused = await client.get("/metrics")
        wrong = await client.get("/metrics", headers={"Authorization": "Bearer trout"})
        right = await client.get("/metrics", headers={"Authorization": "Bearer swordfish"})
    await store.close()

    assert (refused.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert right.headers["content-type"].startswith("text/plain; version=0.0.4")
