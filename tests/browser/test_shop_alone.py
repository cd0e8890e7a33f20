"""The shop without the Worker in front of it: its pages show what the code falls back to, and say so."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Page

from flaghoist_cli.local.ports import HOST, claim

pytestmark = pytest.mark.e2e

START_SECONDS = 60
POLL_SECONDS = 0.1


@pytest.fixture
def url(web: httpx.Client) -> Iterator[str]:
    port = claim(0, "the shop")
    base_url = f"http://{HOST}:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "flaghoist_cli.local.guarded", "demo.shop", "--port", str(port)]
    ) as shop:
        until = time.monotonic() + START_SECONDS
        while not _answers(web, base_url):
            assert shop.poll() is None
            assert time.monotonic() < until
            time.sleep(POLL_SECONDS)
        yield base_url
        shop.terminate()


def _answers(web: httpx.Client, base_url: str) -> bool:
    with suppress(httpx.TransportError):
        return web.get(f"{base_url}/healthz").is_success
    return False


def test_shop__opened_without_the_worker__shows_the_defaults_of_the_code(page: Page, url: str) -> None:
    page.goto(url)
    assert page.locator("h1").inner_text() == "Everything for the boat"
    assert page.locator("#standing .label").inner_text() == "Code defaults"
    assert page.locator(".banner").count() == 0
    assert page.locator(".card").count() == 9
    assert page.locator("html").get_attribute("data-flags") == "page"
