"""The demo's shop as a visitor meets it: how its pages say what they show."""

from playwright.sync_api import Page

TAKEN_OVER = "html[data-flags=client]"
LIVE = "#standing .label:text-is('Live')"
OFFLINE = "#standing .label:text-is('Offline: last values')"
RECONNECTING = "#standing .label:text-is('Reconnecting …')"


def visit(page: Page, url: str) -> None:
    """Open a page of the shop; return once the stock client has taken over."""
    page.goto(url)
    until_taken_over(page)


def until_taken_over(page: Page) -> None:
    """Return once the stock client answers for the page's flags."""
    page.locator(TAKEN_OVER).wait_for(state="attached")


def become(page: Page, name: str) -> None:
    """Go on as one of the demo's shoppers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    until_taken_over(page)


def shown_values(page: Page) -> dict[str, str]:
    """Return the flags that the panel lists, with their values as JSON."""
    page.locator("#standing:not([open]) > summary").click()
    rows = page.locator("#standing tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").first.get_attribute("title") or "" for row in rows}
