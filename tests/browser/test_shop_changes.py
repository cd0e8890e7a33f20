"""A change at the origin shows on the open page: through the stock client, without a reload, inert whatever it says."""

import sys
import time

import pytest
from playwright.sync_api import Page

from tests.browser.shopping import LIVE, shown_values, visit
from tests.browser.shops import Shop

pytestmark = pytest.mark.e2e

ROUNDS = 5
HOSTILE = "</script><img src=x onerror=\"document.title='taken'\">\u2028'${document.title='taken'}"
STORY = {"variation": "story", "rollout": None}
CLASSIC = {"variation": "classic", "rollout": None}
MARK = "() => { globalThis.sameDocument = true }"


def banner(words: str) -> dict[str, object]:
    return {"variations": {"summer": words, "none": ""}}


def test_change__words_of_a_flag__show_without_a_reload(
    shop: Shop, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    visit(page, shop.url)
    page.evaluate(MARK)
    took_ms = []
    with shop.changed("store-banner", on=True):
        for number in range(ROUNDS):
            words = f"Half of the rope, round {number}"
            began = time.monotonic()
            shop.change("store-banner", **banner(words))
            page.locator(".banner", has_text=words).wait_for()
            took_ms.append(round((time.monotonic() - began) * 1_000))
    with capsys.disabled():
        sys.stdout.write(f"\n  change to page, ms: {took_ms}\n")
    assert page.evaluate("() => sameDocument") is True
    assert page.locator(LIVE).count() == 1


def test_change__layout_of_the_page__is_laid_out_anew(shop: Shop, page: Page) -> None:
    with shop.changed("homepage-layout", rules=[], fallthrough=CLASSIC) as version:
        shop.reach(version)
        visit(page, shop.url)
        assert page.locator("h1").inner_text() == "Everything for the boat"
        shop.change("homepage-layout", fallthrough=STORY)
        page.locator("html[data-columns='1']").wait_for(state="attached")
        assert page.locator("h1").inner_text() == "A week on the water"
        assert page.locator("shop-shelves > section").first.get_attribute("id") == "story"


def test_change__switched_on__notice_appears_and_goes(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    assert page.locator(".maintenance").count() == 0
    with shop.changed("maintenance-notice", on=True):
        page.locator(".maintenance", has_text="Orders pause tonight").wait_for()
    page.locator(".maintenance").wait_for(state="detached")


def test_change__hostile_words__stay_words(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    title = page.title()
    with shop.changed("store-banner", **banner(HOSTILE)):
        page.locator(".banner", has_text="onerror").wait_for()
        page.reload()
        assert page.locator(".banner").text_content() == HOSTILE
        assert page.locator(".banner img").count() == 0
        assert page.title() == title


def test_panel__opened__tells_values_version_and_source(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    shown = shown_values(page)
    assert shown["store-banner"] == '"Summer sale: sails from 99"'
    assert shown["dark-mode"] == "true"
    assert shown["recommendation-weight"] == "0.5"
    with shop.changed("maintenance-notice", on=True) as version:
        page.locator("#standing .facts", has_text=version).wait_for()
        page.locator("#standing tr.news", has_text="maintenance-notice").wait_for()
    assert "stock OpenFeature client" in page.locator("#standing .from").inner_text()
