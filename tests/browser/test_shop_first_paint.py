"""The first paint has the flags: they stand in the first bytes, nothing is asked before, nothing moves after."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.layouts import boxes, moved, note_shifts, shifts, text
from tests.browser.shopping import become, until_taken_over, visit
from tests.browser.shops import Shop

pytestmark = pytest.mark.e2e

SECONDS = 30
CHUNK = 65_536
HEAD = b"<head>"
END = b"</script>"
PAYLOAD = b"__FLAGHOIST__"
BANNER = "Summer sale: sails from 99"
PATHS = ("/", "/checkout")
VIEWPORTS = {"desktop": (1280, 900), "phone": (390, 844)}

TIMELINE = """
() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  asked: performance.getEntriesByType("resource").map(({ name, startTime }) => [name, startTime]),
})
"""


def first_script(url: str, path: str) -> bytes:
    """Return what has come of a page, as it came, by the time that its first script is complete."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Accept": "text/html"})
        response = connection.getresponse()
        received = b""
        while END not in received:
            piece = response.read1(CHUNK)
            assert piece, f"the page ended after {received!r}"
            received += piece
        return received
    finally:
        connection.close()


@pytest.mark.parametrize("path", PATHS)
def test_page__first_bytes__hold_the_flags_before_anything_else_in_the_head(shop: Shop, path: str) -> None:
    received = first_script(shop.url, path)
    before, _, after = received.partition(HEAD)
    assert before.split() == [b"<!doctype", b"html>", b"<html", b'lang="en">']
    assert after.startswith(b"<script nonce=")
    script = after.partition(END)[0]
    assert PAYLOAD in script
    assert BANNER.encode() in script


def test_page__without_its_second_script__shows_the_values_of_the_flags(shop: Shop, page: Page) -> None:
    page.route("**/live.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(shop.url)
    assert page.locator(".banner").inner_text() == BANNER
    assert page.locator("html").get_attribute("data-dark") == "offered"
    assert page.locator("html").get_attribute("data-flags") == "page"


def test_page__until_first_paint__asks_for_no_flags(shop: Shop, page: Page) -> None:
    visit(page, shop.url)
    timeline = page.evaluate(TIMELINE)
    evaluations = [(name, at) for name, at in timeline["asked"] if "/ofrep/" in name or "/v1/" in name]
    assert [name for name, at in evaluations if at <= timeline["painted"]] == []
    assert [name for name, at in evaluations if "/ofrep/" in name] == [], "the first answer stands in the page"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_hydration__stock_client_takes_over__nothing_moves(
    shop: Shop, context: BrowserContext, page: Page, path: str, viewport: str
) -> None:
    width, height = VIEWPORTS[viewport]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")
    note_shifts(context)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/live.js", hold)
    page.goto(shop.url + path, wait_until="commit")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    page.wait_for_function("() => document.fonts.status === 'loaded' && document.readyState === 'interactive'")
    before = (boxes(page), text(page), page.screenshot(animations="disabled"))
    (route,) = held
    route.continue_()
    until_taken_over(page)
    after = (boxes(page), text(page), page.screenshot(animations="disabled"))
    assert moved(before[0], after[0]) == []
    assert after[1] == before[1]
    assert after[2] == before[2], "not one pixel differs"
    assert shifts(page) == []


def test_hydration__shopper_with_another_layout__nothing_moves(shop: Shop, context: BrowserContext, page: Page) -> None:
    note_shifts(context)
    visit(page, shop.url)
    become(page, "Ada")
    assert page.locator("h1").inner_text() == "A week on the water"
    assert page.locator("html").get_attribute("data-columns") == "1"
    assert shifts(page) == []
    page.reload()
    until_taken_over(page)
    assert shifts(page) == []
