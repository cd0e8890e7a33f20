"""What the shop reports as used is what its pages show: not all of the payload, nor what a closed drawer would ask."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.shopping import shown_values, until_taken_over, visit
from tests.browser.shops import Shop

pytestmark = pytest.mark.e2e

NOTE_EVENTS = """
globalThis.eventsSent = [];
const sending = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const answer = await sending(resource, options);
  const isReport = String(resource).includes("/v1/events");
  if (isReport) eventsSent.push([options.body, answer.status, await answer.clone().text()]);
  return answer;
};
"""
FLUSH = "async () => { await Flaghoist.flush(); return eventsSent.splice(0); }"
NOT_SHOWN = {"checkout-button-text", "gift-wrapping", "loyalty-multiplier", "new-checkout"}


@pytest.fixture(autouse=True)
def _noted(context: BrowserContext) -> None:
    context.add_init_script(NOTE_EVENTS)


def reported(page: Page) -> list[dict[str, Any]]:
    """Let the page send what it has noted; return the events, each of them acknowledged."""
    events: list[dict[str, Any]] = []
    for body, status, answer in page.evaluate(FLUSH):
        batch = json.loads(body)["events"]
        assert (status, json.loads(answer)) == (202, {"accepted": len(batch), "duplicates": 0, "refused": []})
        events += batch
    return events


def flags(events: list[dict[str, Any]]) -> set[str]:
    return {event["flag"] for event in events if event["type"] == "exposure"}


def test_front_page__shown__reports_each_flag_that_it_shows_once(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    events = reported(page)
    shown = set(shown_values(page))
    assert flags(events) == shown
    assert len(events) == len(shown)
    assert not shown & NOT_SHOWN
    unit = page.evaluate("() => Flaghoist.context.targetingKey")
    assert {event["unit"] for event in events} == {unit}


def test_basket__opened__reports_what_it_shows_then(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    page.locator("[data-add=lantern]").click()
    before = flags(reported(page))
    page.locator("[data-open-basket]").click()
    assert flags(reported(page)) == {"checkout-button-text", "gift-wrapping", "loyalty-multiplier"}
    assert not before & NOT_SHOWN


def test_order__placed__is_a_purchase_with_its_value(shop: Shop, page: Page) -> None:
    with shop.changed("new-checkout", rules=[], fallthrough={"variation": "on", "rollout": None}) as version:
        shop.reach(version)
        visit(page, shop.url)
        page.locator("[data-add=mug]").click()
        page.goto(f"{shop.url}/checkout")
        until_taken_over(page)
        for field in ("name", "street", "postcode", "town"):
            page.locator(f"input[name={field}]").fill("x")
        page.locator("shop-pay button").click()
        page.locator(".thanks").wait_for()
        (purchase,) = (event for event in reported(page) if event["type"] == "track")
    assert (purchase["name"], purchase["value"]) == ("purchase", 18.9)
