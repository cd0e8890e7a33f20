"""A visit from the shelf to the thanks: basket, checkout and forms work, by keyboard too, as the flags say."""

import pytest
from playwright.sync_api import Page

from tests.browser.shopping import become, visit
from tests.browser.shops import Shop

pytestmark = pytest.mark.e2e

ADDRESS = {"Name": "Ada", "Street and number": "Pier 4", "Postcode": "10115", "Town": "Berlin"}
CAST_OFF = dict.fromkeys(("plain", "friendly", "short"), "Cast off")


def fill_address(page: Page) -> None:
    for label, value in ADDRESS.items():
        page.get_by_role("textbox", name=label, exact=True).fill(value)


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Add {name} to the basket").click()


def test_visit__new_checkout__one_page_from_shelf_to_thanks(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    become(page, "Ada")
    add(page, "Storm lantern")
    add(page, "Storm lantern")
    assert page.locator(".tally").inner_text() == "2"
    page.locator("[data-open-basket]").click()
    page.get_by_label("Wrap it as a gift").check()
    page.locator("shop-basket .go").click()
    page.wait_for_url("**/checkout")
    assert page.locator("html").get_attribute("data-checkout") == "page"
    assert "€135.90" in page.locator(".order .total").inner_text()
    fill_address(page)
    page.locator("shop-pay button").click()
    assert "€135.90" in page.locator(".thanks").inner_text()
    assert page.locator(".tally").inner_text() == "0"


def test_visit__old_checkout__two_steps(shop: Shop, page: Page) -> None:
    with shop.changed("new-checkout", on=False) as version:
        shop.reach(version)
        visit(page, shop.url)
        add(page, "Enamel mug")
        page.goto(f"{shop.url}/checkout")
        assert page.locator("html").get_attribute("data-checkout") == "steps"
        assert not page.get_by_text("On the pier").is_visible()
        page.get_by_role("button", name="Go on").click()
        assert not page.get_by_text("On the pier").is_visible(), "the address is missing"
        fill_address(page)
        page.get_by_role("textbox", name="Town").press("Enter")
        page.get_by_label("On the pier, in cash").check()
        page.get_by_role("button", name="Back").click()
        assert page.get_by_role("textbox", name="Name").input_value() == "Ada"
        page.get_by_role("button", name="Go on").click()
        page.locator("shop-pay button").click()
        page.get_by_role("heading", name="Thank you").wait_for()


def test_basket__by_keyboard__opens_keeps_the_focus_and_closes(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    add(page, "Enamel mug")
    page.locator("[data-open-basket]").press("Enter")
    page.get_by_role("button", name="One Enamel mug more").press("Enter")
    assert page.evaluate("() => document.activeElement.dataset.focus") == "more-mug"
    assert page.locator("dialog output").inner_text() == "2"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_visitor__someone_else_and_nobody__get_their_own_flags(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    become(page, "Katherine")
    assert page.locator(".terms").inner_text() == "Free delivery on everything"
    become(page, "Margaret")
    assert page.locator(".terms").inner_text() == "Delivery €4.90"
    become(page, "Somebody new")
    assert page.evaluate("() => Flaghoist.context.targetingKey") not in ("ada", "katherine", "margaret", "")


def test_checkout__label_of_the_button__is_the_flag(shop: Shop, page: Page) -> None:
    with shop.changed("checkout-button-text", variations=CAST_OFF) as version:
        shop.reach(version)
        visit(page, f"{shop.url}/checkout")
        assert page.locator("shop-pay button").inner_text().startswith("Cast off")
