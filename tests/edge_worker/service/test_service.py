"""Everything that reaches the Worker, good and hostile, through the whole of it."""

import logging

import msgspec
import pytest

from flaghoist.hydration import SCRIPT
from flaghoist.protocol.paths import split_url
from flaghoist.protocol.requests import Response
from flaghoist.version import VERSION
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeClock, FakeExchange, FakeKv, NoKv, NoWeb
from tests.edge_worker.world import BOOTSTRAP, BULK, World, a_service, a_world, version_of
from tests.published import ADMIN_KEY, CLIENT_KEY, SERVER_KEY, a_version, published

pytestmark = pytest.mark.anyio

EDGE = "https://edge.example"
BEARER = {"authorization": f"Bearer {CLIENT_KEY}"}


def post(path: str, content: bytes = b"{}", headers: dict[str, str] | None = None) -> FakeExchange:
    return FakeExchange("POST", EDGE + path, BEARER if headers is None else headers, content)


def get(path: str, method: str = "GET") -> FakeExchange:
    return FakeExchange(method, EDGE + path, BEARER)


HOSTILE: list[tuple[str, FakeExchange, int]] = [
    ("no body", post(BULK, b""), 400),
    ("half a body", post(BULK, b'{"context": {"a":'), 400),
    ("a null context", post(BULK, b'{"context": null}'), 400),
    ("an unknown member", post(BULK, b'{"ctx": {}}'), 400),
    ("deep nesting", post(BULK, b'{"context":' * 5_000), 413),
    ("deep nesting, short", post(BULK, b"[" * 30_000), 400),
    ("a member twice", post(BULK, b'{"context": {"a": 1, "a": 2}}'), 400),
    ("a huge number", post(BULK, b'{"context": {"a": 1e999}}'), 400),
    ("a number of many digits", post(BULK, b'{"context": {"a": ' + b"9" * 20_000 + b"}}"), 400),
    ("NaN", post(BULK, b'{"context": {"a": NaN}}'), 400),
    ("bytes that are not UTF-8", post(BULK, b"\xff\xfe"), 400),
    ("a lone surrogate", post(BULK, b'{"context": {"a": "\\udc00"}}'), 400),
    ("a long body", post(BULK, b" " * 100_000), 413),
    ("a long context", post(BOOTSTRAP, b'{"a": "' + b"x" * 20_000 + b'"}'), 413),
    ("base64 of nothing good", get(f"{BOOTSTRAP}?context=////"), 400),
    ("a context twice", get(f"{BOOTSTRAP}?context=e30&context=e30"), 400),
    ("broken percent-encoding", get(f"{BOOTSTRAP}?context=%FF%"), 400),
    ("an unknown format", get(f"{BOOTSTRAP}?format=pickle"), 400),
    ("a negative version", get(f"{BOOTSTRAP}?min_version=-1"), 400),
    ("a version of many digits", get(f"{BOOTSTRAP}?min_version={'9' * 5_000}"), 400),
    ("DELETE", get(BOOTSTRAP, "DELETE"), 405),
    ("HEAD", get(BOOTSTRAP, "HEAD"), 405),
    ("GET of OFREP", get(BULK), 405),
    ("POST of health", post("/healthz"), 405),
    ("the root", get("/"), 404),
    ("a path with dots", get("/v1/../../etc/passwd"), 404),
    ("another OFREP version", post("/ofrep/v2/evaluate/flags"), 404),
    ("a flag that is none", post(f"{BULK}/%00%0a"), 404),
    ("a flag with a slash", post(f"{BULK}/a%2Fb"), 404),
    ("a path below a flag", post(f"{BULK}/a/b"), 404),
    ("OPTIONS of nothing", get("/nope", "OPTIONS"), 404),
    ("GET of events", get("/v1/events"), 405),
    ("events without a key", post("/v1/events", b'{"events":[]}', {}), 401),
    ("events past the limit", post("/v1/events", b" " * 300_000), 413),
    ("events of an admin key", post("/v1/events", b'{"events":[]}', {"x-api-key": ADMIN_KEY}), 403),
    (
        "events of another environment",
        post("/v1/events", b'{"events":[]}', {"x-api-key": CLIENT_KEY.replace("production", "other")}),
        401,
    ),
    ("events that are none", post("/v1/events", b'{"events":'), 400),
    ("no key", post(BULK, headers={}), 401),
    ("a key that is none", post(BULK, headers={"authorization": "Bearer x"}), 401),
    ("a key with a null byte", post(BULK, headers={"x-api-key": CLIENT_KEY + "\x00"}), 401),
    ("a key of another environment", post(BULK, headers={"x-api-key": CLIENT_KEY.replace("production", "other")}), 401),
    ("a server key in a URL", FakeExchange("POST", f"{EDGE}{BULK}?key={SERVER_KEY}", {}, b"{}"), 401),
    ("an admin key", post(BULK, headers={"x-api-key": ADMIN_KEY}), 403),
]


@pytest.mark.parametrize(("exchange", "status"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
async def test_hostile_request__is_refused_in_json_that_any_page_can_read(exchange: FakeExchange, status: int) -> None:
    response = await a_world().send(exchange)
    assert response.status == status
    body = msgspec.json.decode(response.body, type=dict[str, object])
    assert body.get("detail") or body.get("errorDetails")
    assert b"Traceback" not in response.body
    assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_hostile_requests__leave_the_isolate_in_good_health() -> None:
    world = a_world()
    for _, exchange, status in HOSTILE:
        assert (await world.send(exchange)).status == status
    assert version_of(await world.ask()) == "v1"


async def test_unforeseen_failure__is_logged_and_answered_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeKv):
        async def get(self, key: str, cache_seconds: int) -> bytes | None:
            raise ZeroDivisionError("a secret detail")

    class BrokenClock(FakeClock):
        def now_ms(self) -> int:
            raise ZeroDivisionError("a secret detail")

    service = a_service(Broken(), NoWeb(), BrokenClock())
    with caplog.at_level(logging.ERROR):
        response = await service.respond(post(BULK))
    assert response.status == 500
    assert b"secret detail" not in response.body
    assert "a secret detail" in caplog.text


async def test_unforeseen_failure_of_a_refresh__is_logged_and_memory_is_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = a_world()
    await world.ask()
    world.clock.pass_ms(31_000)

    async def fail() -> None:
        raise ZeroDivisionError("unforeseen")

    world.kv.delay = fail
    with caplog.at_level(logging.ERROR):
        assert version_of(await world.ask()) == "v1"
        await world.background.finish()
    assert "unforeseen" in caplog.text


async def test_refused_before_any_read__neither_kv_nor_origin_is_asked() -> None:
    service = a_service(NoKv(), NoWeb(), FakeClock())
    for exchange in (post(BULK, headers={}), post(BULK, b"{"), get("/nowhere"), get(BOOTSTRAP, "OPTIONS")):
        assert (await service.respond(exchange)).status in (204, 400, 401, 404)


async def test_environment_not_served__is_refused_without_reading_it() -> None:
    service = a_service(NoKv(), NoWeb(), FakeClock(), environments=("staging",))
    response = await service.respond(post(BULK))
    assert response.status == 401
    assert b"not served here" in response.body


async def test_any_environment__is_served_where_settings_say_so() -> None:
    kv = FakeKv(a_version(1).values())
    service = a_service(kv, NoWeb(), FakeClock(), environments=("*",))
    assert (await service.respond(post(BULK))).status == 200


async def test_preflight__needs_no_key_and_reads_nothing() -> None:
    service = a_service(NoKv(), NoWeb(), FakeClock())
    response = await service.respond(FakeExchange("OPTIONS", EDGE + BULK, {}))
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Allow"] == "POST, OPTIONS"


async def test_edge_attributes__come_from_the_request_and_not_from_its_context() -> None:
    flag = a_flag("local").on().client_visible().rule("de", a_clause("edge.country", "in", "DE"), serve="on")
    world = a_world(published(flag))

    async def value(context: object, cf: dict[str, object]) -> object:
        return msgspec.json.decode((await world.ask(f"{BULK}/local", context, cf=cf)).body)["value"]

    assert await value({}, {"country": "DE"}) is True
    assert await value({"edge.country": "DE", "edge": {"country": "DE"}}, {"country": "FR"}) is False
    assert await value({"edge.country": "DE"}, {}) is False


def health_of(response: Response) -> dict[str, object]:
    assert response.status == 200
    return msgspec.json.decode(response.body, type=dict[str, object])


async def test_healthz__loads_nothing() -> None:
    service = a_service(NoKv(), NoWeb(), FakeClock())
    response = await service.respond(get("/healthz"))
    assert health_of(response) == {
        "status": "ok",
        "python": "3.14.2",
        "flaghoist": VERSION,
        "environments": {"production": {"version": "0-0", "level": 4, "age": 0}},
    }


async def test_healthz__tells_version_level_and_age_of_what_is_held() -> None:
    world = a_world(a_version(7))
    await world.ask()
    world.clock.pass_ms(75_000)
    environments = health_of(await world.get("/healthz"))["environments"]
    assert environments == {"production": {"version": "1-7", "level": 1, "age": 75}}


async def test_readyz__loads_from_kv() -> None:
    assert (await a_world().get("/readyz")).status == 200


async def test_readyz__kv_empty__loads_from_the_origin() -> None:
    world = a_world()
    world.kv.values.clear()
    assert (await world.get("/readyz")).status == 200


async def test_readyz__nothing_can_be_loaded__says_why() -> None:
    world: World = a_world()
    world.kv.values.clear()
    world.break_origins()
    response = await world.get("/readyz")
    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert b"KV has no manifest of production" in response.body
    assert b"origin 2: connection refused" in response.body
    assert b".example" not in response.body


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("https://e.example", "/", ""),
        ("https://e.example/", "/", ""),
        ("http://e.example:8787/v1/bootstrap?a=b?c", "/v1/bootstrap", "a=b?c"),
        ("https://e.example?x=/y", "/", "x=/y"),
        ("https://e.example/a%2Fb#f?g", "/a%2Fb", ""),
    ],
)
def test_split_url__keeps_encoding_and_drops_fragments(url: str, path: str, query: str) -> None:
    assert split_url(url) == (path, query)


async def test_page_script__needs_no_key_and_reads_nothing() -> None:
    service = a_service(NoKv(), NoWeb(), FakeClock())
    response = await service.respond(FakeExchange("GET", f"{EDGE}/v1/bootstrap.js", {}))
    assert (response.status, response.body.decode()) == (200, SCRIPT)
    held = {"if-none-match": response.headers["ETag"]}
    again = await service.respond(FakeExchange("GET", f"{EDGE}/v1/bootstrap.js?v=2", held))
    assert (again.status, again.body) == (304, b"")
    refused = await service.respond(FakeExchange("POST", f"{EDGE}/v1/bootstrap.js", {}))
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, OPTIONS")
