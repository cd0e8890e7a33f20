"""What stands where on a page, and whether anything has moved."""

from itertools import zip_longest
from typing import Any

from playwright.sync_api import BrowserContext, Page

_NOTE_SHIFTS = """
globalThis.layoutShifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    const moved = sources.map(({ node, previousRect: { x, y }, currentRect }) => [node?.className, x, y, currentRect]);
    layoutShifts.push([value, JSON.stringify(moved)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""

_BOXES = """
() => [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility()).map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [element.tagName, element.className?.baseVal ?? element.className, x, y, width, height];
})
"""

_TEXT = "() => document.body.innerText"

Box = list[Any]


def note_shifts(context: BrowserContext) -> None:
    """Let every page of the context note its layout shifts from the very first one."""
    context.add_init_script(_NOTE_SHIFTS)


def shifts(page: Page) -> list[Any]:
    """Return each layout shift so far: its score and what moved."""
    found: list[Any] = page.evaluate("() => new Promise((done) => setTimeout(() => done(layoutShifts), 100))")
    return found


def boxes(page: Page) -> list[Box]:
    """Return every element that is shown with its place and size, in the order of the document."""
    found: list[Box] = page.evaluate(_BOXES)
    return found


def moved(before: list[Box], after: list[Box]) -> list[tuple[Box, Box]]:
    """Return the elements that differ, with their places before and after."""
    nowhere: Box = []
    return [(one, other) for one, other in zip_longest(before, after, fillvalue=nowhere) if one != other]


def text(page: Page) -> str:
    """Return the text that the page shows."""
    shown: str = page.evaluate(_TEXT)
    return shown
