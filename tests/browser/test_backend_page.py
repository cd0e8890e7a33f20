"""A page whose values a Python backend evaluated in process: the unmodified web provider starts from it."""

from pathlib import Path

from openfeature.evaluation_context import EvaluationContext
from playwright.sync_api import Page

from flaghoist.hydration import head_html
from flaghoist.sdk.evaluation.page_options import PageOptions
from tests.browser.bundles import bundle
from tests.browser.releases import release
from tests.browser.sites import BULK, Site
from tests.builders import a_clause, a_flag
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY
from tests.shared.sdk.making import an_offline_provider

SECONDS = 20
PRO = a_clause("plan", "in", "pro")
RELEASE = a_flag("release").on().client_visible().variations("plain", plain="-", pro="of the backend")
ADA = EvaluationContext("ada", {"plan": "pro"})


def head(folder: Path) -> str:
    provider = an_offline_provider(folder, RELEASE.rule("pro", PRO, serve="pro"), epoch=1, version=1)
    page = provider.bootstrap(ADA, PageOptions(CLIENT_KEY))
    assert page is not None
    return head_html(page.body, etag=page.etag, context=page.context, key=CLIENT_KEY).decode()


def test_provider__page_of_a_backend__starts_without_a_request(site: Site, page: Page, tmp_path: Path) -> None:
    loaded = site.serve("/provider.js", bundle("stock_provider.js"))
    page.goto(site.show("/", head(tmp_path), loaded))
    shown = page.evaluate("start({}, {plan: 'pro', targetingKey: 'ada'})")
    assert (shown["value"], shown["reason"], shown["variant"]) == ("of the backend", "TARGETING_MATCH", "pro")
    assert site.asked_for(BULK) == []


def test_provider__page_of_a_backend__takes_what_the_edge_says_next(site: Site, page: Page, tmp_path: Path) -> None:
    site.publish(release(2))
    loaded = site.serve("/provider.js", bundle("stock_provider.js"))
    page.goto(site.show("/", head(tmp_path), loaded))
    page.evaluate("start({pollInterval: 50}, {plan: 'pro', targetingKey: 'ada'})")
    wait_until(lambda: page.evaluate("shown()")["value"] == "pro v2", SECONDS)
