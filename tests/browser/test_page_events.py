"""What pages report: each variant once, with beacons when they are left, and again until it is acknowledged."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.bundles import bundle
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import EVENTS, RETRY_AFTER_SECONDS, Site
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY

SECONDS = 20
NO_BEACON = "navigator.sendBeacon = () => false"
SHELF = "Object.keys(localStorage).filter(name => name.startsWith('flaghoist:events:'))"


@pytest.fixture
def shop(site: Site, page: Page) -> Page:
    """Return a page with the stock provider started from it and the hook registered."""
    page.goto(site.show("/", site.head(ADA), site.serve("/provider.js", bundle("stock_provider.js"))))
    page.evaluate("OpenFeature.addHooks(Flaghoist.hook)")
    page.evaluate("start()")
    return page


def told(site: Site, *members: str) -> list[tuple[Any, ...]]:
    return [tuple(event.get(member) for member in members) for event in site.accepted]


def stop_clock(page: Page) -> None:
    """Let timers of the page's scripts wait until the test moves the clock."""
    page.clock.install(time=0)
    page.clock.pause_at(1_000)


def test_hook__evaluations__are_reported_once_for_each_variant_and_version(site: Site, shop: Page) -> None:
    shop.evaluate("() => { shown(); shown(); OpenFeature.getClient().getNumberValue('ratio', 0) }")
    shop.evaluate("Flaghoist.flush()")
    members = ("type", "flag", "variant", "version", "unit", "source")
    assert told(site, *members) == [
        ("exposure", "release", "pro", "1-1", "ada", "web"),
        ("exposure", "ratio", "half", "1-1", "ada", "web"),
    ]
    assert len({event["id"] for event in site.accepted}) == 2
    assert all(isinstance(event["at"], int) for event in site.accepted)


def test_hook__other_version_and_other_person__are_reported_anew(site: Site, shop: Page) -> None:
    site.publish(release(2))
    shop.evaluate("async bob => { await OpenFeature.setContext(bob); shown() }", BOB)
    shop.evaluate("Flaghoist.flush()")
    assert told(site, "variant", "version", "unit") == [("pro", "1-1", "ada"), ("plain", "1-2", "bob")]


def test_hook__evaluation_that_fails__is_no_exposure(site: Site, shop: Page) -> None:
    shop.evaluate("OpenFeature.getClient().getBooleanValue('nothing', true)")
    shop.evaluate("OpenFeature.getClient().getBooleanValue('release', true)")
    shop.evaluate("Flaghoist.flush()")
    assert {event["flag"] for event in site.accepted} == {"release"}, "that which start() itself evaluated"


def test_used__reports_what_the_page_shows__reading_does_not(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("[Flaghoist.value('release'), Flaghoist.details('ratio')]")
    page.evaluate("['release', 'release', 'nothing'].forEach(Flaghoist.used)")
    page.evaluate("Flaghoist.flush()")
    assert told(site, "flag", "variant", "version", "unit") == [("release", "pro", "1-1", "ada")]


def test_track__number_and_attributes__of_scalars_alone(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate(
        "Flaghoist.track('purchase', {value: 9.5, items: 2, gift: false, coupon: 'x', deep: {}, none: null, nan: NaN})"
    )
    page.evaluate("Flaghoist.track('visit')")
    page.evaluate("Flaghoist.flush()")
    assert told(site, "type", "name", "unit", "value", "attributes") == [
        ("track", "purchase", "ada", 9.5, {"items": 2, "gift": False, "coupon": "x"}),
        ("track", "visit", "ada", None, {}),
    ]


def test_events__without_being_asked__are_sent_in_the_background(site: Site, page: Page) -> None:
    stop_clock(page)
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("Flaghoist.used('release')")
    assert site.asked_for(EVENTS) == []
    page.clock.run_for(5_000)
    wait_until(lambda: told(site, "flag") == [("release",)], SECONDS)


def test_events__a_hundred__are_sent_at_once(site: Site, page: Page) -> None:
    stop_clock(page)
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("for (let place = 0; place < 100; place++) Flaghoist.track(`event ${place}`)")
    wait_until(lambda: len(site.accepted) == 100, SECONDS)


def test_events__their_request__is_simple_and_names_the_client_key(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)).replace("127.0.0.1", "localhost"))
    page.evaluate("() => { __FLAGHOIST__ = {...__FLAGHOIST__, baseUrl: 'http://127.0.0.1:' + location.port} }")
    page.add_script_tag(url="/v1/bootstrap.js")
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    (call,) = site.asked_for(EVENTS)
    assert (call.method, call.query) == ("POST", f"key={CLIENT_KEY}")
    assert call.headers["content-type"].startswith("text/plain")
    assert call.headers["origin"].startswith("http://localhost")
    assert [each.method for each in site.asked if each.method == "OPTIONS"] == []


@pytest.mark.parametrize("status", [0, 429, 503])
def test_events__not_taken__are_sent_again_with_their_ids(
    site: Site, page: Page, complaints: Complaints, status: int
) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA)))
    site.event_status = status
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    site.event_status = 202
    page.evaluate("() => { Flaghoist.used('ratio'); return Flaghoist.flush() }")
    first, *_, last = (call.body for call in site.asked_for(EVENTS))
    assert told(site, "flag") == [("release",), ("ratio",)]
    assert site.accepted[0]["id"].encode() in first
    assert site.accepted[0]["id"].encode() in last


def test_events__not_taken__wait_longer_when_told_so(site: Site, page: Page, complaints: Complaints) -> None:
    complaints.expect("Failed to load resource")
    stop_clock(page)
    page.goto(site.show("/", site.head(ADA)))
    site.event_status = 429
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    site.event_status = 202
    page.clock.run_for((RETRY_AFTER_SECONDS - 1) * 1_000)
    assert site.accepted == []
    page.clock.run_for(2_000)
    wait_until(lambda: told(site, "flag") == [("release",)], SECONDS)


def test_page_prepared_before_it_is_seen__reports_when_it_is(site: Site, page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'prerendering', {get: () => !globalThis.isSeen})")
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    assert site.asked_for(EVENTS) == []
    page.evaluate("() => { isSeen = true; document.dispatchEvent(new Event('prerenderingchange')) }")
    wait_until(lambda: told(site, "flag") == [("release",)], SECONDS)


def test_page_prepared_and_never_seen__reports_nothing(site: Site, page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'prerendering', {get: () => true})")
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("Flaghoist.used('release')")
    page.goto(site.show("/next", "<title>next</title>"))
    assert page.evaluate(f"{SHELF}.length") == 0
    assert site.asked_for(EVENTS) == []


@pytest.mark.parametrize("status", [400, 404, 413])
def test_events__refused_for_good__do_not_stand_in_the_way(
    site: Site, page: Page, complaints: Complaints, status: int
) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA)))
    site.event_status = status
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    site.event_status = 202
    page.evaluate("() => { Flaghoist.used('ratio'); return Flaghoist.flush() }")
    assert told(site, "flag") == [("ratio",)]


def test_page_left__events_go_with_a_beacon(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("['release', 'ratio'].forEach(Flaghoist.used)")
    page.goto("about:blank")
    wait_until(lambda: told(site, "flag") == [("release",), ("ratio",)], SECONDS)
    (call,) = site.asked_for(EVENTS)
    assert call.headers["content-type"].startswith("text/plain")


def test_beacon_refused__the_next_page_sends(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate(NO_BEACON)
    page.evaluate("Flaghoist.used('release')")
    page.goto(site.show("/next", site.head(ADA)))
    page.wait_for_function(f"{SHELF}.length === 0")
    page.evaluate("Flaghoist.flush()")
    assert told(site, "flag") == [("release",)]


def test_origin_away__page_left__events_wait_for_the_next_page(site: Site, page: Page, complaints: Complaints) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA)))
    site.event_status = 503
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    page.goto("about:blank")
    site.event_status = 202
    page.goto(site.show("/next", site.head(ADA)))
    page.wait_for_function(f"{SHELF}.length === 0")
    page.evaluate("Flaghoist.flush()")
    assert told(site, "flag") == [("release",)]


def test_origin_away__very_many_events__stay_within_bounds(site: Site, page: Page, complaints: Complaints) -> None:
    complaints.expect("Failed to load resource")
    page.goto(site.show("/", site.head(ADA)))
    site.event_status = 503
    page.evaluate("Flaghoist.track('first')")
    page.evaluate("Flaghoist.flush()")
    page.evaluate(
        "for (let place = 0; place < 3000; place++) Flaghoist.track(`event ${place}`, {note: 'x'.repeat(300)})"
    )
    page.goto(site.show("/next", "<title>next</title>"))
    shelved = page.evaluate(f"{SHELF}.map(name => localStorage[name])")
    assert len(shelved) == 1
    assert 100_000 < len(shelved[0]) <= 250_000
    assert '"event 2999"' in shelved[0]
    assert '"first"' not in shelved[0]


def test_event_too_large_to_send__does_not_hold_up_the_others(site: Site, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA)))
    page.evaluate("Flaghoist.track('huge', {note: 'x'.repeat(100_000)})")
    page.evaluate("() => { Flaghoist.used('release'); return Flaghoist.flush() }")
    assert told(site, "flag") == [("release",)]
