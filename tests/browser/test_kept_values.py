"""The last good values: kept for exactly their key and context, and shown where nothing is newer."""

import re

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page

from flaghoist.hydration import head_html
from tests.browser.bundles import bundle
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import BULK, SILENCE, Site
from tests.builders import a_flag
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY, published

SECONDS = 20
KEPT = "Object.keys(localStorage).filter(name => name.startsWith('flaghoist:kept:'))"
ASK = """async context => {
  const headers = {"X-API-Key": Flaghoist.key, "Content-Type": "application/json"};
  const body = JSON.stringify({context: context ?? Flaghoist.context});
  const answer = await Flaghoist.fetch("/ofrep/v1/evaluate/flags", {method: "POST", headers, body});
  const text = await answer.text();
  const {metadata, flags} = text ? JSON.parse(text) : {};
  const value = flags?.find(item => item.key === "release")?.value;
  return {status: answer.status, level: answer.headers.get("Flaghoist-Level"), told: metadata?.level, value};
}"""
AWAY = [0, 429, 500, 503]


@pytest.fixture
def empty(site: Site) -> str:
    """Return the head of a page for which nothing could be evaluated."""
    return head_html(b"", etag="", context=msgspec.json.encode(ADA), key=CLIENT_KEY).decode()


@pytest.fixture
def visited(site: Site, page: Page) -> Page:
    """Return a page of a browser that was shown version 1 before."""
    page.goto(site.show("/", site.head(ADA)))
    page.wait_for_function(f"{KEPT}.length === 1")
    return page


@pytest.mark.parametrize("fails_with", AWAY)
def test_network_away__visited_before__last_values_marked_as_such(
    site: Site, visited: Page, empty: str, complaints: Complaints, fails_with: int
) -> None:
    complaints.expect("Failed to load resource")
    site.fails_with = fails_with
    visited.goto(site.show("/", empty + site.serve("/provider.js", bundle("stock_provider.js"))))
    assert visited.evaluate("Flaghoist.value('release')") == "pro v1"
    assert visited.evaluate("Flaghoist.standing()")["level"] == 3
    assert visited.evaluate(ASK) == {"status": 200, "level": "3", "told": 3, "value": "pro v1"}
    assert visited.evaluate("start()")["value"] == "pro v1"


@pytest.mark.parametrize("fails_with", AWAY)
def test_network_away__page_is_open__says_so_until_it_is_back(
    site: Site, visited: Page, complaints: Complaints, fails_with: int
) -> None:
    complaints.expect("Failed to load resource")
    level = "Flaghoist.standing().level"
    assert visited.evaluate(ASK)["level"] == "0"
    site.fails_with = fails_with
    assert visited.evaluate(level) == 0
    assert visited.evaluate(ASK)["level"] == "3"
    assert visited.evaluate(level) == 3
    site.fails_with = None
    assert visited.evaluate(ASK)["level"] == "0"
    assert visited.evaluate(level) == 0


def test_network_silent__visited_before__last_values_when_the_provider_gives_up(
    site: Site, visited: Page, empty: str
) -> None:
    site.fails_with = SILENCE
    visited.goto(site.show("/", empty + site.serve("/provider.js", bundle("stock_provider.js"))))
    assert visited.evaluate("start({timeoutMs: 200})")["value"] == "pro v1"


def test_request_withdrawn__by_who_asked__is_not_answered(site: Site, visited: Page, empty: str) -> None:
    site.fails_with = SILENCE
    visited.goto(site.show("/", empty))
    withdrawn = """() => {
      const headers = {"X-API-Key": Flaghoist.key}, body = JSON.stringify({context: Flaghoist.context});
      const given = {method: "POST", headers, body, signal: AbortSignal.abort()};
      return Flaghoist.fetch("/ofrep/v1/evaluate/flags", given).then(() => "answered", error => error.name);
    }"""
    assert visited.evaluate(withdrawn) == "AbortError"


@pytest.mark.parametrize("person", [BOB, {**ADA, "plan": "free"}, {}])
def test_network_away__other_context__fails_as_it_is(
    site: Site, visited: Page, complaints: Complaints, person: dict[str, object]
) -> None:
    complaints.expect("Failed to load resource")
    site.fails_with = 0
    failed = visited.evaluate(f"context => ({ASK})(context).then(() => '', error => error.name)", person)
    assert failed == "TypeError"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refused__last_values_do_not_hide_it(
    site: Site, visited: Page, empty: str, complaints: Complaints, status: int
) -> None:
    complaints.expect("Failed to load resource")
    site.fails_with = status
    visited.goto(site.show("/", empty))
    answered = visited.evaluate(ASK)
    assert (answered["status"], answered["level"]) == (status, None)


def test_network_away__client_that_holds_the_values__learns_of_it(
    site: Site, page: Page, complaints: Complaints
) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA), site.serve("/provider.js", bundle("stock_provider.js"))))
    page.evaluate("start({pollInterval: 50})")
    site.fails_with = 503
    page.wait_for_function("told.includes('PROVIDER_STALE')")
    assert page.evaluate("shown()")["value"] == "pro v1"


def test_context_changes_without_network__values_of_that_context_come_back(
    site: Site, page: Page, complaints: Complaints
) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA), site.serve("/provider.js", bundle("stock_provider.js"))))
    page.evaluate("start()")
    assert page.evaluate("bob => OpenFeature.setContext(bob).then(shown)", BOB)["value"] == "v1"
    site.fails_with = 0
    assert page.evaluate("ada => OpenFeature.setContext(ada).then(shown)", ADA)["value"] == "pro v1"


def test_page_of_an_older_version__what_was_kept_is_newer_and_wins(site: Site, page: Page) -> None:
    old = site.head(ADA)
    site.publish(release(2))
    page.goto(site.show("/", site.head(ADA)))
    page.wait_for_function(f"{KEPT}.length === 1")
    asking = "<p id=shown></p><script>shown.textContent = Flaghoist.value('release')</script>"
    page.goto(site.show("/", old, asking + site.serve("/provider.js", bundle("stock_provider.js"))))
    assert page.inner_text("#shown") == "pro v2"
    assert page.evaluate("Flaghoist.standing().source") == "kept"
    assert page.evaluate("start()")["value"] == "pro v2"
    assert site.asked_for(BULK) == []


@pytest.mark.parametrize(("kept", "shown"), [((2, 1), (1, 9)), ((1, 9), (2, 1)), ((1, 9), (1, 10))])
def test_versions__are_compared_by_epoch_and_then_by_number(
    site: Site, page: Page, kept: tuple[int, int], shown: tuple[int, int]
) -> None:
    site.publish(release(kept[1], epoch=kept[0]))
    page.goto(site.show("/", site.head(ADA)))
    page.wait_for_function(f"{KEPT}.length === 1")
    site.publish(release(shown[1], epoch=shown[0]))
    page.goto(site.show("/", site.head(ADA)))
    epoch, version = max(kept, shown)
    assert page.evaluate("Flaghoist.standing().version") == f"{epoch}-{version}"


def test_offline__same_version__is_told_as_the_last_known(site: Site, visited: Page) -> None:
    assert visited.evaluate("Flaghoist.standing()")["level"] == 0
    visited.add_init_script("Object.defineProperty(navigator, 'onLine', {get: () => false})")
    visited.goto(site.show("/", site.head(ADA)))
    standing = visited.evaluate("Flaghoist.standing()")
    assert (standing["level"], standing["source"], standing["version"]) == (3, "kept", "1-1")
    assert visited.evaluate(ASK)["level"] == "3"
    assert site.asked_for(BULK) == []


@pytest.mark.parametrize(
    "refusal",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
        "Storage.prototype.getItem = () => 'not ours'",
    ],
    ids=["refused", "full", "not ours"],
)
def test_storage_fails__page_goes_on(site: Site, page: Page, refusal: str) -> None:
    page.add_init_script(refusal)
    page.goto(site.show("/", site.head(ADA), site.serve("/provider.js", bundle("stock_provider.js"))))
    assert page.evaluate("start()")["value"] == "pro v1"
    assert page.evaluate("bob => OpenFeature.setContext(bob).then(shown)", BOB)["value"] == "v1"
    page.evaluate("Flaghoist.used('release')")
    page.goto("about:blank")
    wait_until(lambda: len(site.accepted) == 1, SECONDS)


def test_many_people__only_the_latest_are_kept(site: Site, page: Page, complaints: Complaints) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA)))
    for place in range(12):
        page.evaluate(ASK, {"targetingKey": f"person {place}"})
    assert page.evaluate(f"{KEPT}.length") == 8
    site.fails_with = 0
    person = f"place => ({ASK})({{targetingKey: `person ${{place}}`}}).then(told => told.level, () => 'nothing')"
    assert [page.evaluate(person, place) for place in range(12)] == ["nothing"] * 4 + ["3"] * 8


def test_what_is_kept__names_nobody(visited: Page) -> None:
    stored = visited.evaluate("JSON.stringify(localStorage)")
    assert "release" in stored
    assert not re.search(r"\b(ada|Berlin)\b", stored)


def test_large_answers__are_kept_within_the_bound_of_characters(site: Site, page: Page) -> None:
    large = [a_flag(f"large-{place}").on().client_visible().variations("a", a="x" * 60_000) for place in range(4)]
    site.publish(published(*large))
    page.goto(site.show("/", site.head(ADA)))
    for place in range(6):
        page.evaluate(ASK, {"targetingKey": f"person {place}"})
    sizes = page.evaluate(f"{KEPT}.map(name => localStorage[name].length)")
    assert sum(sizes) <= 1_000_000
    assert len(sizes) == 4


def test_two_tabs__share_what_was_kept(site: Site, visited: Page, context: BrowserContext, empty: str) -> None:
    other = context.new_page()
    other.goto(site.show("/", empty))
    assert other.evaluate("Flaghoist.value('release')") == "pro v1"


def test_unchanged__confirmed_by_the_network__counts_as_of_now(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA), site.serve("/provider.js", bundle("stock_provider.js"))))
    page.evaluate("start({pollInterval: 50})")
    page.wait_for_function("Flaghoist.standing().source === 'network'")
    assert page.evaluate("Flaghoist.standing()") == {"version": "1-1", "level": 0, "age": 2, "source": "network"}
