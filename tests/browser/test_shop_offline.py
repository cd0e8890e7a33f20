"""Without a network the shop opens again and shows the last values that this browser had, and says so."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.complaints import Complaints
from tests.browser.lines import a_line
from tests.browser.shopping import LIVE, OFFLINE, RECONNECTING, until_taken_over, visit
from tests.browser.shops import Shop

pytestmark = pytest.mark.e2e

AWAY = r"ERR_INTERNET_DISCONNECTED|ERR_NETWORK|Failed to fetch"
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  return [Boolean(await caches.match("/", { ignoreVary: true })), Boolean(await caches.match("/live.js"))];
}"""


def go_offline(context: BrowserContext, complaints: Complaints) -> None:
    complaints.expect(AWAY)
    context.set_offline(True)


def test_reload__offline__shows_the_last_values_of_the_page(
    shop: Shop, context: BrowserContext, page: Page, complaints: Complaints
) -> None:
    visit(page, shop.url)
    assert page.evaluate(KEPT) == [True, True]
    go_offline(context, complaints)
    page.reload()
    page.locator(OFFLINE).wait_for()
    assert page.locator(".banner").inner_text() == "Summer sale: sails from 99"
    assert page.locator(".card").count() >= 6


def test_reload__offline_after_a_change__shows_what_came_after_the_page(
    shop: Shop, context: BrowserContext, page: Page, complaints: Complaints
) -> None:
    """The page in the cache is older than the last answer, which is shown."""
    visit(page, shop.url)
    assert page.evaluate(KEPT) == [True, True]
    with shop.changed("store-banner", variations={"summer": "The last word before the storm", "none": ""}):
        page.locator(".banner", has_text="The last word").wait_for()
        go_offline(context, complaints)
    page.reload()
    assert page.locator(".banner").inner_text() == "The last word before the storm"
    assert page.evaluate("() => Flaghoist.standing().source") == "kept"


def test_back_online__open_page__follows_changes_again(
    shop: Shop, context: BrowserContext, page: Page, complaints: Complaints
) -> None:
    visit(page, shop.url)
    page.evaluate(KEPT)
    go_offline(context, complaints)
    page.locator(OFFLINE).wait_for()
    with shop.changed("maintenance-notice", on=True):
        context.set_offline(False)
        page.locator(".maintenance").wait_for()
        page.locator(LIVE).wait_for()
    page.locator(".maintenance").wait_for(state="detached")


def test_reload__offline__stock_client_takes_over_all_the_same(
    shop: Shop, context: BrowserContext, page: Page, complaints: Complaints
) -> None:
    visit(page, shop.url)
    page.evaluate(KEPT)
    go_offline(context, complaints)
    page.reload()
    until_taken_over(page)
    page.locator("#standing > summary").click()
    assert page.locator("#standing .facts dd").first.inner_text() == "3"


def test_edge_away__page_opened_and_changed__shows_the_last_values_until_it_is_back(
    shop: Shop, page: Page, complaints: Complaints
) -> None:
    """The browser has its network and the stream its origin; the Worker alone is gone."""
    complaints.expect(r"ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to fetch")
    with a_line(shop.url) as line:
        visit(page, line.url)
        assert page.evaluate(KEPT) == [True, True]
        line.cut()
        page.reload()
        until_taken_over(page)
        assert page.locator(".banner").inner_text() == "Summer sale: sails from 99"
        with shop.changed("store-banner", variations={"summer": "Back at the pier", "none": ""}):
            page.locator(RECONNECTING).wait_for()
            assert page.locator(".banner").inner_text() == "Summer sale: sails from 99"
            line.mend()
            page.locator(".banner", has_text="Back at the pier").wait_for()
            page.locator(LIVE).wait_for()
