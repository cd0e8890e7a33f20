"""Requests for the site behind the Worker, through the whole of the Worker but the runtime."""

import logging
import re
from typing import Any

import msgspec
import pytest

from flaghoist.protocol.events import Exposure
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.ports.settings import Site
from flaghoist_edge.ports.timing import PAGE_PATIENCE_MS, SITE_DEADLINE_MS
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeExchange
from tests.edge_worker.pages.parsed import carried
from tests.edge_worker.pages.site import HTML, NAVIGATION, SITE, FakeUpstream, Visit, a_place
from tests.edge_worker.world import BULK, a_world
from tests.published import CLIENT_KEY, ENVIRONMENT, SECRET, SERVER_KEY, UNKNOWN_KEY, a_version, published

pytestmark = pytest.mark.anyio

ADA = {"cookie": "theme=dark; fh_unit=ada"}


def payload(page: ForwardedResponse) -> dict[str, Any]:
    """Return the payload that the page carries."""
    return carried(page.head).payload


def flags(page: ForwardedResponse) -> dict[str, Any]:
    """Return the values that the page carries."""
    return {item["key"]: item["value"] for item in payload(page)["ofrep"]["flags"]}


async def test_page__carries_what_a_client_with_the_same_key_and_context_would_be_told() -> None:
    place = a_place()
    page = await place.page(ADA)
    told = await place.world.ask(BULK, {"targetingKey": "ada"})
    shown = payload(page)
    assert shown["ofrep"] == msgspec.json.decode(told.body)
    assert shown["etag"] == told.headers["ETag"]
    assert shown["context"] == {"targetingKey": "ada"}
    assert shown["key"] == CLIENT_KEY
    assert {name: page.headers[name] for name in ("Flaghoist-Version", "Flaghoist-Level", "Flaghoist-Age")} == {
        "Flaghoist-Version": "1-1",
        "Flaghoist-Level": "0",
        "Flaghoist-Age": "0",
    }
    assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")


async def test_page__what_the_edge_knows__decides_and_is_not_shown() -> None:
    local = a_flag("local").on().client_visible().rule("de", a_clause("edge.country", "in", "DE"), serve="on")
    place = a_place(published(local))
    visit = Visit("GET", "https://www.example/", {**NAVIGATION, **ADA}, cf={"country": "DE"}, site=place.site)
    page = await place.world.send(visit)
    assert isinstance(page, ForwardedResponse)
    assert flags(page) == {"local": True}
    assert payload(page)["context"] == {"targetingKey": "ada"}


async def test_visitor__without_a_unit__gets_one_and_the_site_hears_of_it_at_once() -> None:
    place = a_place()
    page = await place.page({"cookie": "theme=dark"})
    unit = payload(page)["context"]["targetingKey"]
    ((name, cookie),) = page.added
    assert (name, cookie.partition(";")[0]) == ("Set-Cookie", f"fh_unit={unit}")
    assert "SameSite=Lax" in cookie
    assert cookie.endswith("; Secure")
    assert place.site.asked[0].replaced["cookie"] == f"theme=dark; fh_unit={unit}"
    another = await place.page()
    assert payload(another)["context"]["targetingKey"] != unit


async def test_visitor__with_a_unit__keeps_it_and_their_cookies_go_on_as_they_are() -> None:
    place = a_place()
    page = await place.page(ADA)
    assert page.added == ()
    assert "cookie" not in place.site.asked[0].replaced


async def test_visitor__over_plain_http__gets_a_cookie_that_works_there() -> None:
    ((_, cookie),) = (await a_place().page(own="http://127.0.0.1:8787")).added
    assert "Secure" not in cookie


async def test_site__without_a_unit_cookie__evaluates_for_nobody_in_particular() -> None:
    page = await a_place(site=Site(SITE.url, SITE.key, SITE.environment, "")).page(ADA)
    assert payload(page)["context"] == {}
    assert page.added == ()
    assert flags(page) == {"release": "v1"}


async def test_site__with_another_cookie__reads_that_one() -> None:
    place = a_place(site=Site(SITE.url, SITE.key, SITE.environment, "visitor"))
    assert payload(await place.page({"cookie": "fh_unit=ada; visitor=bob"}))["context"] == {"targetingKey": "bob"}


OWN_PATHS = ["/v1/bootstrap", "/v1/nothing", "/v1/", "/ofrep/v1/configuration", f"{BULK}/a/b", "/healthz", "/readyz"]


@pytest.mark.parametrize("path", OWN_PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
async def test_path__of_the_worker__never_reaches_the_site(path: str, method: str) -> None:
    place = a_place()
    response = await place.visit(path, method=method)
    assert not isinstance(response, ForwardedResponse)
    assert place.site.asked == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/v1", "/healthz/", "/ofrepx", "/a/v1/bootstrap", "/v1%2Fbootstrap"])
async def test_path__of_the_site__reaches_it_by_every_method(path: str, method: str) -> None:
    place = a_place()
    assert isinstance(await place.visit(path, method=method), ForwardedResponse)
    assert [way.url for way in place.site.asked] == [f"https://site.example{path}"]


async def test_worker__without_a_site__answers_as_before() -> None:
    response = await a_world().send(FakeExchange("GET", "https://www.example/", NAVIGATION))
    assert (response.status, response.headers["Content-Type"]) == (404, "application/problem+json")


async def test_flags__that_do_not_come_in_time__do_not_keep_the_page() -> None:
    place = a_place()
    place.world.kv.mode = "stalls"
    place.world.break_origins("stalls")
    started_ms = place.world.clock.now
    page = await place.page(ADA)
    assert place.world.clock.now - started_ms == PAGE_PATIENCE_MS
    assert payload(page)["ofrep"] is None
    assert payload(page)["context"] == {"targetingKey": "ada"}
    assert (page.headers["Flaghoist-Level"], page.headers["Flaghoist-Version"]) == ("4", "0-0")
    assert page.headers["Cache-Control"] == "private, no-store"
    place.world.background.die()


async def test_flags__and_the_site__are_waited_for_side_by_side() -> None:
    place = a_place()
    place.site.delay_ms = 300

    async def slowly() -> None:
        await place.world.clock.sleep(250)

    place.world.kv.delay = slowly
    started_ms = place.world.clock.now
    assert flags(await place.page(ADA)) == {"release": "v1"}
    assert place.world.clock.now - started_ms < 600


async def test_flags__that_nobody_can_give__leave_a_page_whose_script_asks_itself() -> None:
    place = a_place()
    place.world.kv.mode = "fails"
    place.world.break_origins()
    page = await place.page(ADA)
    assert payload(page)["ofrep"] is None
    assert page.headers["Flaghoist-Level"] == "4"


async def test_flags__from_an_origin__are_marked_so() -> None:
    place = a_place()
    place.world.kv.mode = "fails"
    page = await place.page(ADA)
    assert flags(page) == {"release": "v1"}
    assert (page.headers["Flaghoist-Level"], page.headers["Flaghoist-Version"]) == ("2", "1-1")
    assert payload(page)["etag"].startswith('"')
    await place.world.background.finish()


async def test_page_key__that_was_revoked__leaves_pages_without_flags_and_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    place = a_place(site=Site(SITE.url, UNKNOWN_KEY, ENVIRONMENT))
    with caplog.at_level(logging.ERROR):
        page = await place.page(ADA)
    assert payload(page)["ofrep"] is None
    assert "this key is not valid here" in caplog.text


async def test_evaluation__that_breaks_in_an_unforeseen_way__does_not_break_the_page(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = a_place()

    async def fail(*_: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(FreshnessPolicy, "current", fail)
    with caplog.at_level(logging.ERROR):
        page = await place.page(ADA)
    assert payload(page)["ofrep"] is None
    assert "unforeseen" in caplog.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_site__that_is_away__gives_people_a_page_and_programs_a_problem(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = a_place()
    place.site.mode = "fails"
    shown = await place.visit(method=method)
    assert (shown.status, shown.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert b"UPSTREAM_URL" in shown.body
    refused = await place.visit("/api", {"accept": "application/json"}, method=method)
    assert (refused.status, refused.headers["Content-Type"]) == (502, "application/problem+json")
    assert msgspec.json.decode(refused.body)["type"] == "urn:flaghoist:problem:site-unreachable"
    for response in (shown, refused):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Retry-After"] == "5"
        assert b"site.example" not in response.body
    assert "site.example" in caplog.text


async def test_site__that_never_answers__is_given_up() -> None:
    place = a_place()
    place.site.mode = "stalls"
    started_ms = place.world.clock.now
    assert (await place.visit("/feed", {"accept": "application/json"})).status == 502
    assert place.world.clock.now - started_ms == SITE_DEADLINE_MS
    assert (await place.visit()).status == 502
    assert place.site.given_up == 2


async def test_site__that_leads_back_to_us__is_not_asked_again() -> None:
    place = a_place()
    response = await place.visit("/", {"via": "1.1 flaghoist"})
    assert (response.status, msgspec.json.decode(response.body)["type"]) == (508, "urn:flaghoist:problem:site-loop")
    assert place.site.asked == []


async def test_secrets__of_the_worker__never_go_to_the_site() -> None:
    place = a_place()
    place.world.kv.mode = "fails"
    await place.page(ADA)
    await place.visit("/form", {}, method="POST")
    sent = repr(place.site.asked)
    assert SECRET.decode() not in sent
    assert CLIENT_KEY not in sent
    assert SERVER_KEY not in sent
    await place.world.background.finish()


async def test_script_that_fetches__gets_html_without_flags_and_may_use_conditions() -> None:
    place = a_place()
    place.sends(etag='"1"')
    forwarded = await place.visit("/part", {"accept": "*/*", "sec-fetch-mode": "cors", "if-none-match": '"1"'})
    assert isinstance(forwarded, ForwardedResponse)
    assert (forwarded.head, forwarded.removed) == (b"", ())
    assert forwarded.headers == {"Vary": "Accept, Sec-Fetch-Mode"}
    assert "if-none-match" not in place.site.asked[0].removed


@pytest.mark.parametrize(
    "upstream",
    [
        FakeUpstream(200, {"content-type": "application/pdf"}),
        FakeUpstream(304, HTML),
        FakeUpstream(302, {**HTML, "location": "/there"}),
        FakeUpstream(200, {**HTML, "content-security-policy": "default-src 'none'"}),
    ],
)
async def test_navigation__that_brings_no_page_to_write_into__gets_neither_flags_nor_cookie(
    upstream: FakeUpstream,
) -> None:
    place = a_place()
    place.site.upstream = upstream
    forwarded = await place.page()
    assert (forwarded.head, forwarded.added, forwarded.removed) == (b"", (), ())
    assert "Flaghoist-Level" not in forwarded.headers


async def test_policy__that_keeps_inline_scripts_out__is_given_a_nonce_that_is_fresh_each_time() -> None:
    place = a_place()
    place.sends(content_security_policy="script-src 'self'")
    nonces = []
    for _ in range(2):
        page = await place.page(ADA)
        found = re.match(rb'<script nonce="([A-Za-z0-9+/]{22}==)">', page.head)
        assert found is not None
        nonces.append(found[1].decode())
        assert page.headers["Content-Security-Policy"] == f"script-src 'self' 'nonce-{nonces[-1]}'"
    assert nonces[0] != nonces[1]


async def test_policy__with_a_nonce__lends_it_to_the_script() -> None:
    place = a_place()
    place.sends(content_security_policy="script-src 'nonce-b3du'")
    assert (await place.page(ADA)).head.startswith(b'<script nonce="b3du">')
    place.sends()
    assert (await place.page(ADA)).head.startswith(b"<script>")


async def test_page__in_another_encoding_than_utf8__is_given_ascii_that_says_the_same() -> None:
    word = "naïve 日本 😀"
    flag = a_flag("word").client_visible().variations("it", it=word).on()
    for content_type, is_ascii in (
        ("text/html; charset=Windows-1252", True),
        ("text/html", True),
        (HTML["content-type"], False),
    ):
        place = a_place(published(flag))
        place.sends(content_type=content_type)
        page = await place.page(ADA)
        assert page.head.isascii() == is_ascii
        assert flags(page) == {"word": word}


async def test_page__after_a_change__carries_it() -> None:
    place = a_place()
    assert flags(await place.page(ADA)) == {"release": "v1"}
    place.world.publish(a_version(2))
    place.world.clock.pass_ms(61_000)
    assert flags(await place.page(ADA)) == {"release": "v2"}


async def test_page__that_declares_what_it_used__is_reported_for_its_visitor() -> None:
    place = a_place(reports_exposures=True)
    page = await place.page(ADA)
    assert page.on_declared is not None
    page.on_declared("release unknown")
    await place.world.background.finish()
    (event,) = place.world.home.events.values()
    assert isinstance(event, Exposure)
    assert (event.flag, event.variant, event.version, event.unit, event.source) == (
        "release",
        "now",
        "1-1",
        "ada",
        "edge",
    )


async def test_page__by_itself__is_no_exposure() -> None:
    place = a_place(reports_exposures=True)
    await place.page(ADA)
    await place.world.background.finish()
    assert place.world.home.events == {}


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}])
async def test_page__that_its_visitor_may_never_see__has_nobody_to_tell(headers: dict[str, str]) -> None:
    assert (await a_place(reports_exposures=True).page({**ADA, **headers})).on_declared is None


async def test_page__where_nothing_is_reported_or_evaluated__has_nobody_to_tell() -> None:
    assert (await a_place().page(ADA)).on_declared is None
    place = a_place(reports_exposures=True)
    place.world.kv.mode = "fails"
    place.world.break_origins()
    assert (await place.page(ADA)).on_declared is None
