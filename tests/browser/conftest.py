"""Chromium for every test of this package, and the shop that most of them visit.

Playwright's synchronous interface runs its event loop in the thread of the tests for as long as the browser lives. So
the browser ends with this package, and what needs ``asyncio.run`` in here goes to a thread (`start_blocking_portal`).
"""

import os
import subprocess
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.complaints import Complaints
from tests.browser.releases import release
from tests.browser.shops import Shop
from tests.browser.sites import Site, a_site
from tests.e2e.dev_process import dev_process
from tests.project import ROOT

FIND = ROOT / ".ci" / "browser"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
TIMEOUT_SECONDS = 30.0
MILLISECONDS = 1_000


@pytest.fixture(scope="package")
def chromium(processes: None) -> str:
    """Return where Chromium is; without one the test is skipped, and fails in continuous integration."""
    looked = subprocess.run([FIND, "--find"], capture_output=True, text=True, check=False)
    if looked.returncode == 0:
        return looked.stdout.strip()
    if os.environ.get("CI") == "true":
        pytest.fail(looked.stderr.strip())
    pytest.skip(looked.stderr.strip())


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Run Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    """Run one headless Chromium for all tests."""
    launched = playwright.chromium.launch(executable_path=chromium, args=QUIET)
    yield launched
    launched.close()


@pytest.fixture
def complaints() -> Complaints:
    """Return what the pages of this test complain of; `expect` what it provokes."""
    return Complaints()


@pytest.fixture
def context(browser: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    """Return a browser profile of the test's own; at its end no page may have complained unexpectedly."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(TIMEOUT_SECONDS * MILLISECONDS)
    complaints.listen(made)
    yield made
    made.close()
    assert complaints.unexpected == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return an empty page."""
    return context.new_page()


@pytest.fixture(scope="package")
def web() -> Iterator[httpx.Client]:
    """Return an HTTP client for what tests do besides the browser."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield client


@pytest.fixture(scope="package")
def shop(processes: None, tmp_path_factory: pytest.TempPathFactory, web: httpx.Client) -> Iterator[Shop]:
    """Run `flaghoist dev` with the demo shop; whoever changes a flag puts it back."""
    folder = tmp_path_factory.mktemp("shop")
    with dev_process(folder / "data", folder / "output.txt", folder / "log.txt") as said:
        yield Shop(
            said["shop"].rstrip("/"), said["origin"], said["environment"], said["admin_key"], said["client_key"], web
        )


@pytest.fixture
def site() -> Iterator[Site]:
    """Run a site of the test's own, whose flags are those of version 1."""
    with a_site(release(1)) as made:
        yield made
