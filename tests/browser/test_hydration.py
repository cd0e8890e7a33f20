"""The unmodified OFREP web provider starts from the page, and goes on from there."""

import msgspec
import pytest
from playwright.sync_api import Page

from flaghoist.hydration import head_html
from tests.browser.bundles import bundle
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import BULK, Site
from tests.builders import a_flag
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY, UNKNOWN_KEY, published
from tests.shared.answers.asking import in_query

SECONDS = 20
HOSTILE = (
    "</script><script>globalThis.broken = 1</script><!-- \u2028 ' \" \\ & <img src=x onerror='globalThis.broken = 2'>"
)


@pytest.fixture
def provider(site: Site) -> str:
    """Return the element that loads the stock provider."""
    return site.serve("/provider.js", bundle("stock_provider.js"))


def test_provider__page_of_its_person__starts_without_a_request(site: Site, provider: str, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    shown = page.evaluate("start()")
    assert (shown["value"], shown["reason"], shown["variant"]) == ("pro v1", "TARGETING_MATCH", "pro")
    assert shown["flagMetadata"] == {"flagVersion": 1}
    assert page.evaluate("OpenFeature.getClient().getObjectValue('layout', {})")["columns"] == [1, 2]
    assert site.asked_for(BULK) == []


def test_provider__members_of_the_context_in_another_order__starts_from_the_page(
    site: Site, provider: str, page: Page
) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    turned = {"address": {"lines": ["1", "2"], "city": "Berlin"}, "plan": "pro", "targetingKey": "ada"}
    assert page.evaluate("context => start({}, context)", turned)["value"] == "pro v1"
    assert site.asked_for(BULK) == []


@pytest.mark.parametrize("person", [BOB, {**ADA, "plan": "free"}, {**ADA, "address": {}}, {}])
def test_provider__other_context__asks_the_network(
    site: Site, provider: str, page: Page, person: dict[str, object]
) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    shown = page.evaluate("context => start({}, context)", person)
    assert shown["value"] == ("pro v1" if person.get("plan") == "pro" else "v1")
    assert [msgspec.json.decode(call.body) for call in site.asked_for(BULK)] == [{"context": person}]


def test_provider__other_key__never_gets_what_stands_in_the_page(
    site: Site, provider: str, page: Page, complaints: Complaints
) -> None:
    complaints.expect("401")
    page.goto(site.show("/", site.head(ADA), provider))
    failed = page.evaluate(
        "key => start({headers: [['Authorization', `Bearer ${key}`]]}).then(() => '', String)", UNKNOWN_KEY
    )
    assert "Initialization failed" in failed
    assert len(site.asked_for(BULK)) == 1


def test_provider__after_the_start__asks_with_the_etag_of_the_page(site: Site, provider: str, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    page.evaluate("start({pollInterval: 50})")
    wait_until(lambda: len(site.asked_for(BULK)) >= 2, SECONDS)
    etag = site.evaluate(ADA).headers["ETag"]
    assert {call.headers["if-none-match"] for call in site.asked_for(BULK)} == {etag}
    assert page.evaluate("shown()")["value"] == "pro v1"


def test_provider__after_a_change__shows_it(site: Site, provider: str, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    page.evaluate("start({pollInterval: 50})")
    site.publish(release(2))
    page.wait_for_function("shown().value === 'pro v2'")
    assert page.evaluate("Flaghoist.value('release')") == "pro v2"
    assert page.evaluate("Flaghoist.standing()")["version"] == "1-2"


def test_provider__own_cache_of_an_older_visit__does_not_come_before_the_page(
    site: Site, provider: str, page: Page
) -> None:
    page.goto(site.show("/", site.head(ADA), provider))
    page.evaluate("start({cacheMode: 'local-cache-first'})")
    site.publish(release(2))
    page.goto(site.show("/", site.head(ADA), provider))
    assert page.evaluate("start()")["value"] == "pro v2"


def test_page__nothing_could_be_evaluated__provider_asks_the_network(site: Site, provider: str, page: Page) -> None:
    head = head_html(b"", etag="", context=msgspec.json.encode(ADA), key=CLIENT_KEY).decode()
    page.goto(site.show("/", head, provider))
    assert page.evaluate("[Flaghoist.value('release', 'none'), Flaghoist.standing() ?? null]") == ["none", None]
    assert page.evaluate("start()")["value"] == "pro v1"
    assert len(site.asked_for(BULK)) == 1


def test_page__reads_flags_before_anything_else_runs(site: Site, page: Page) -> None:
    asking = """<p id=shown></p><script>
      const {value, details} = Flaghoist;
      document.getElementById("shown").textContent = JSON.stringify([
        value("release", "?"), value("ratio", 0), value("layout", {}).columns, value("new-checkout"),
        value("release", 1), value("nothing", "?"), details("nothing") ?? null, details("release").variant]);
    </script>"""
    page.goto(site.show("/", site.head(ADA), asking))
    shown = msgspec.json.decode(page.inner_text("#shown"))
    assert shown == ["pro v1", 0.5, [1, 2], True, 1, "?", None, "pro"]


@pytest.mark.parametrize("nonce", ["", "c2VjcmV0"])
def test_page__hostile_strings_everywhere__are_inert_and_come_back(
    site: Site, provider: str, page: Page, nonce: str
) -> None:
    flag = a_flag("hostile").on().client_visible().variations("text", text={HOSTILE: [HOSTILE]})
    site.publish(published(flag, a_flag("__proto__").on().client_visible().variations("a", a={"__proto__": {"x": 1}})))
    context = {"targetingKey": HOSTILE, HOSTILE: [HOSTILE]}
    policy = f"<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-{nonce}'\">" if nonce else ""
    page.goto(site.show("/", policy + site.head(context, nonce=nonce), "" if nonce else provider))
    assert page.evaluate("[globalThis.broken ?? null, document.scripts.length]") == [None, 1 if nonce else 2]
    assert page.evaluate("Flaghoist.context") == context
    assert page.evaluate("Flaghoist.value('hostile')") == {HOSTILE: [HOSTILE]}
    assert page.evaluate("[{}.x ?? null, JSON.stringify(Flaghoist.value('__proto__'))]") == [
        None,
        '{"__proto__":{"x":1}}',
    ]
    if not nonce:
        page.evaluate("start()")
        assert site.asked_for(BULK) == []


def test_page__script_of_format_js__gives_the_provider_the_same(site: Site, provider: str, page: Page) -> None:
    payload = f"/v1/bootstrap?format=js&key={CLIENT_KEY}&{in_query(ADA)}"
    head = f'<script src="{payload}"></script><script src="/v1/bootstrap.js"></script>'
    page.goto(site.show("/", head, provider))
    assert page.evaluate("start()")["value"] == "pro v1"
    assert page.evaluate("OpenFeature.getClient().getBooleanDetails('split', false).variant") in ("on", "off")
    told = page.evaluate("Flaghoist.details('release')")
    listed = msgspec.json.decode(site.evaluate(ADA).body)["flags"]
    assert told == next(item for item in listed if item["key"] == "release")
    assert site.asked_for(BULK) == []


def test_page__script_without_payload__leaves_all_to_the_network(site: Site, provider: str, page: Page) -> None:
    head = f'<script>__FLAGHOIST__ = {{key: "{CLIENT_KEY}"}}</script><script src="/v1/bootstrap.js"></script>'
    page.goto(site.show("/", head, provider))
    assert page.evaluate("start({}, {targetingKey: 'bob'})")["value"] == "v1"
    assert len(site.asked_for(BULK)) == 1


def test_page__carries_the_script_and_loads_it__starts_once(site: Site, page: Page) -> None:
    marked = site.head(ADA) + "<script>Flaghoist.mark = 1</script>" + '<script src="/v1/bootstrap.js"></script>'
    page.goto(site.show("/", marked))
    assert page.evaluate("Flaghoist.mark") == 1


def test_fetch__everything_else__goes_to_the_network_as_it_is(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    single = page.evaluate(
        """async key => {
          const init = {method: "POST", headers: {"X-API-Key": key}, body: '{"context":{"plan":"pro"}}'};
          const answer = await Flaghoist.fetch("/ofrep/v1/evaluate/flags/release", init);
          return [answer.status, (await answer.json()).value, (await Flaghoist.fetch("/")).status];
        }""",
        CLIENT_KEY,
    )
    assert single == [200, "pro v1", 200]
