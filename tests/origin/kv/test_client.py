"""The Cloudflare adapter: real calls of the official SDK against answers as Cloudflare gives them."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator

import httpx
import msgspec
import pytest
import respx

from flaghoist.backoff import Backoff
from flaghoist_origin.kv.answers import KvUnavailable
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.settings.settings import Settings
from tests.origin.virtual_time import VirtualTime

pytestmark = pytest.mark.anyio
API = "https://kv.test/client/v4"
NAMESPACE = f"{API}/accounts/an-account/storage/kv/namespaces/a-namespace"
BULK = f"{NAMESPACE}/bulk"
DEADLINE_SECONDS = 10.0
SETTINGS = Settings(
    secret="a secret for tests only",
    kv_base_url=API,
    kv_account="an-account",
    kv_namespace="a-namespace",
    kv_token="a-token",
    kv_timeout_seconds=DEADLINE_SECONDS,
    kv_write_timeout_seconds=DEADLINE_SECONDS,
)
WAITS = Backoff(base_seconds=1.0, cap_seconds=4.0, draw=lambda: 1.0)
NOT_VALID_UTF8 = b"\x93\xff\x00\xfe"


def done(result: object = None) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "errors": [], "messages": [], "result": result})


def failed(status: int, code: int = 10_000, message: str = "no", **headers: str) -> httpx.Response:
    errors = [{"code": code, "message": message}]
    return httpx.Response(
        status, json={"success": False, "errors": errors, "messages": [], "result": None}, headers=headers
    )


def stored(request: httpx.Request) -> dict[str, bytes]:
    """Return what a bulk request stores, decoded as Cloudflare decodes it."""
    pairs = json.loads(request.content)
    assert all(pair["base64"] is True for pair in pairs)
    return {pair["key"]: b64decode(pair["value"]) for pair in pairs}


@pytest.fixture
def time() -> VirtualTime:
    """Return the time that the client lives in."""
    return VirtualTime()


@pytest.fixture
async def kv(anyio_backend: str, time: VirtualTime) -> AsyncIterator[CloudflareKv]:
    """Return a client whose retries wait 1, 2, 4 and 4 seconds."""
    client = CloudflareKv(SETTINGS, monotonic=time.monotonic, sleep=time.sleep, backoff=WAITS)
    yield client
    await client.aclose()


@pytest.fixture
def cloudflare() -> Iterator[respx.MockRouter]:
    """Answer for Cloudflare; a request that no test foresees fails."""
    with respx.mock(assert_all_called=False) as router:
        yield router


async def test_put__bytes__travel_as_base64_with_the_token(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    route = cloudflare.put(BULK).mock(return_value=done({"successful_key_count": 1, "unsuccessful_keys": []}))

    await kv.put("m:production", NOT_VALID_UTF8)

    request = route.calls.last.request
    assert stored(request) == {"m:production": NOT_VALID_UTF8}
    assert request.headers["authorization"] == "Bearer a-token"


async def test_client__credentials_in_the_environment__token_wins(
    cloudflare: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_KEY", "another")
    monkeypatch.setenv("CLOUDFLARE_EMAIL", "ada@example.org")
    route = cloudflare.get(f"{NAMESPACE}/values/m:production").mock(return_value=httpx.Response(200, content=b"x"))
    client = CloudflareKv(SETTINGS)

    await client.get("m:production")
    await client.aclose()

    sent = route.calls.last.request.headers
    assert sent["authorization"] == "Bearer a-token"
    assert "x-auth-email" not in sent
    assert "x-auth-key" not in sent


async def test_get__stored_bytes__come_back_as_they_are(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    answer = httpx.Response(200, content=NOT_VALID_UTF8, headers={"Content-Type": "application/octet-stream"})
    cloudflare.get(f"{NAMESPACE}/values/s:production:ab").mock(return_value=answer)

    assert await kv.get("s:production:ab") == NOT_VALID_UTF8


async def test_get__key_not_found__none(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    answer = failed(404, 10009, "get: 'key not found'")
    cloudflare.get(f"{NAMESPACE}/values/m:production").mock(return_value=answer)

    assert await kv.get("m:production") is None


@pytest.mark.parametrize("answer", [failed(404, 10013, "namespace not found"), httpx.Response(404, html="<p>nginx")])
async def test_get__another_404__error_names_the_settings(
    kv: CloudflareKv, cloudflare: respx.MockRouter, answer: httpx.Response
) -> None:
    cloudflare.get(f"{NAMESPACE}/values/m:production").mock(return_value=answer)

    with pytest.raises(KvUnavailable, match=r"reading m:production from KV failed: .*404.*FLAGHOIST_KV_NAMESPACE"):
        await kv.get("m:production")


async def test_put_many__some_keys_fail__only_those_are_sent_again(
    kv: CloudflareKv, cloudflare: respx.MockRouter
) -> None:
    partly = done({"successful_key_count": 1, "unsuccessful_keys": ["s:b"]})
    route = cloudflare.put(BULK).mock(side_effect=[partly, done()])

    await kv.put_many({"s:a": b"a", "s:b": b"b"})

    assert [sorted(stored(call.request)) for call in route.calls] == [["s:a", "s:b"], ["s:b"]]


async def test_put_many__keys_keep_failing__error_names_one(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    cloudflare.put(BULK).mock(return_value=done({"successful_key_count": 0, "unsuccessful_keys": ["s:a", "s:b"]}))

    with pytest.raises(KvUnavailable, match=r"KV did not take 2 keys \(s:a and others\)"):
        await kv.put_many({"s:a": b"a", "s:b": b"b"})


async def test_put_many__more_than_one_request_holds__sent_in_batches(
    kv: CloudflareKv, cloudflare: respx.MockRouter
) -> None:
    route = cloudflare.put(BULK).mock(return_value=done())
    values = {f"s:{number}": bytes(2_000_000) for number in range(4)}

    await kv.put_many(values)

    sent = [stored(call.request) for call in route.calls]
    assert [len(batch) for batch in sent] == [1, 1, 1, 1]
    assert set().union(*sent) == set(values)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_put__trouble_then_success__tried_again_after_the_backoff(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime, status: int
) -> None:
    route = cloudflare.put(BULK).mock(side_effect=[failed(status), failed(status), done()])

    await kv.put("m:production", b"{}")

    assert route.call_count == 3
    assert time.slept == [1.0, 2.0]


async def test_put__trouble_lasts__gives_up_within_the_deadline(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime
) -> None:
    cloudflare.put(BULK).mock(return_value=failed(503, 10001, "down"))

    with pytest.raises(
        KvUnavailable, match=r"writing m:production to KV failed: Cloudflare answered 503: down"
    ) as said:
        await kv.put("m:production", b"{}")

    assert sum(time.slept) < DEADLINE_SECONDS
    assert "published when KV answers again" in str(said.value)


async def test_put__429_with_retry_after__waits_as_asked_before_the_jitter(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime
) -> None:
    limited = failed(429, 10429, "rate limited", **{"Retry-After": "3"})
    route = cloudflare.put(BULK).mock(side_effect=[limited, done()])

    await kv.put("m:production", b"{}")

    assert route.call_count == 2
    assert time.slept == [4.0]


async def test_put__429_beyond_the_deadline__given_up_at_once_with_the_wait(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime
) -> None:
    route = cloudflare.put(BULK).mock(return_value=failed(429, 10429, "slow", **{"Retry-After": "120"}))

    with pytest.raises(KvUnavailable) as said:
        await kv.put("m:production", b"{}")

    assert said.value.retry_after_seconds >= 120
    assert route.call_count == 1
    assert time.slept == []


async def test_get__after_a_429__waits_as_well(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime
) -> None:
    cloudflare.put(BULK).mock(return_value=failed(429, 10429, "slow", **{"Retry-After": "12"}))
    cloudflare.get(f"{NAMESPACE}/values/m:production").mock(return_value=httpx.Response(200, content=b"x"))
    with pytest.raises(KvUnavailable):
        await kv.put("m:production", b"{}")
    time.now += 10

    await kv.get("m:production")

    assert time.slept == [2.0]


@pytest.mark.parametrize("status", [401, 403])
async def test_put__token_refused__error_names_the_permission_and_nothing_is_repeated(
    kv: CloudflareKv, cloudflare: respx.MockRouter, status: int
) -> None:
    route = cloudflare.put(BULK).mock(return_value=failed(status, 10000, "Authentication error"))

    with pytest.raises(KvUnavailable, match="FLAGHOIST_KV_TOKEN the permission Account / Workers KV Storage / Edit"):
        await kv.put("m:production", b"{}")

    assert route.call_count == 1


async def test_put__request_refused__not_repeated(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    route = cloudflare.put(BULK).mock(return_value=failed(400, 10012, "bad body"))

    with pytest.raises(KvUnavailable, match=r"bad body \(code 10012\)"):
        await kv.put("m:production", b"{}")

    assert route.call_count == 1


async def test_put__answer_of_somebody_else__not_taken_for_success(
    kv: CloudflareKv, cloudflare: respx.MockRouter
) -> None:
    cloudflare.put(BULK).mock(return_value=httpx.Response(200, html="<p>Please log in"))

    with pytest.raises(KvUnavailable, match="not one of Cloudflare's API"):
        await kv.put("m:production", b"{}")


async def test_put__success_false_with_status_200__not_taken_for_success(
    kv: CloudflareKv, cloudflare: respx.MockRouter
) -> None:
    cloudflare.put(BULK).mock(return_value=failed(200, 10043, "try later"))

    with pytest.raises(KvUnavailable, match="try later"):
        await kv.put("m:production", b"{}")


async def test_put__no_connection__tried_again(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    route = cloudflare.put(BULK).mock(side_effect=[httpx.ConnectError("refused"), done()])

    await kv.put("m:production", b"{}")

    assert route.call_count == 2


async def test_put__stalled__given_up_at_the_deadline(cloudflare: respx.MockRouter) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    cloudflare.put(BULK).mock(side_effect=never)
    client = CloudflareKv(
        Settings(
            kv_base_url=API,
            kv_account="an-account",
            kv_namespace="a-namespace",
            kv_timeout_seconds=0.1,
            kv_write_timeout_seconds=0.1,
        )
    )

    with pytest.raises(KvUnavailable, match="no answer within"):
        await client.put("m:production", b"{}")
    await client.aclose()


async def test_put__one_value__has_less_time_than_a_bulk_write(cloudflare: respx.MockRouter, time: VirtualTime) -> None:
    cloudflare.put(BULK).mock(side_effect=[failed(500), failed(500), done()])
    brief = msgspec.structs.replace(SETTINGS, kv_write_timeout_seconds=0.5)
    client = CloudflareKv(brief, monotonic=time.monotonic, sleep=time.sleep, backoff=WAITS)

    with pytest.raises(KvUnavailable):
        await client.put("m:production", b"{}")
    await client.put_many({"s:a": b"1"})
    await client.aclose()


async def test_put__same_key_at_once__one_write_per_second(
    kv: CloudflareKv, cloudflare: respx.MockRouter, time: VirtualTime
) -> None:
    cloudflare.put(BULK).mock(return_value=done())

    for _ in range(3):
        await kv.put("m:production", b"{}")
    await kv.put("m:staging", b"{}")

    assert time.slept == [1.0, 1.0]


async def test_delete_many__keys__deleted_in_one_request(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    route = cloudflare.post(f"{BULK}/delete").mock(return_value=done({"successful_key_count": 2}))

    await kv.delete_many(["s:a", "s:b"])

    assert json.loads(route.calls.last.request.content) == ["s:a", "s:b"]


async def test_keys__several_pages__all_of_them(kv: CloudflareKv, cloudflare: respx.MockRouter) -> None:
    def page(names: list[str], cursor: str) -> httpx.Response:
        body = {"success": True, "errors": [], "messages": [], "result": [{"name": name} for name in names]}
        return httpx.Response(200, json={**body, "result_info": {"count": len(names), "cursor": cursor}})

    route = cloudflare.get(f"{NAMESPACE}/keys").mock(side_effect=[page(["s:a", "s:b"], "more"), page(["s:c"], "")])

    assert await kv.keys("s:") == {"s:a", "s:b", "s:c"}
    assert [dict(call.request.url.params) for call in route.calls] == [
        {"prefix": "s:"},
        {"prefix": "s:", "cursor": "more"},
    ]
