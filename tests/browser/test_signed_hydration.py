"""Pages of an environment that takes signed contexts only: the token names the person, whatever is sent beside it."""

import pytest
from playwright.sync_api import Page

from tests.browser.bundles import bundle
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import BULK, Site
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY
from tests.shared.answers.asking import in_query
from tests.signing import NOW, a_signer

SECONDS = 20
SIGNER, STRANGER = a_signer(), a_signer()
WITH_TOKEN = "token => start({headers: [['X-API-Key', Flaghoist.key], ['Flaghoist-Context', token]]})"


@pytest.fixture(autouse=True)
def signed(site: Site) -> None:
    """Let the site take signed contexts only."""
    site.publish(release(1).but(signing_keys=(SIGNER.ref,), requires_signed_context=True))


@pytest.fixture
def provider(site: Site) -> str:
    """Return the element that loads the stock provider."""
    return site.serve("/provider.js", bundle("stock_provider.js"))


def test_provider__page_with_a_token__starts_without_a_request_and_sends_it_later(
    site: Site, provider: str, page: Page
) -> None:
    token = SIGNER.token(ADA)
    page.goto(site.show("/", site.head(ADA, token=token), provider))
    assert page.evaluate("start({pollInterval: 50})")["value"] == "pro v1"
    wait_until(lambda: len(site.asked_for(BULK)) >= 2, SECONDS)
    assert {call.headers["flaghoist-context"] for call in site.asked_for(BULK)} == {token}
    assert page.evaluate("told") == ["PROVIDER_READY"]


def test_provider__newer_token_for_the_same_person__starts_from_the_page(site: Site, provider: str, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA, token=SIGNER.token(ADA)), provider))
    assert page.evaluate(WITH_TOKEN, SIGNER.token(ADA, exp=NOW + 999))["value"] == "pro v1"
    assert site.asked_for(BULK) == []


def test_provider__token_of_somebody_else__asks_the_network(site: Site, provider: str, page: Page) -> None:
    page.goto(site.show("/", site.head(ADA, token=SIGNER.token(ADA)), provider))
    assert page.evaluate(WITH_TOKEN, SIGNER.token(BOB))["value"] == "v1"
    assert len(site.asked_for(BULK)) == 1


@pytest.mark.parametrize("token", ["nonsense", STRANGER.token(BOB), SIGNER.token(BOB, exp=NOW - 999)])
def test_provider__token_that_is_refused__is_told_so(
    site: Site, provider: str, page: Page, complaints: Complaints, token: str
) -> None:
    complaints.expect("401")
    page.goto(site.show("/", site.head(ADA, token=SIGNER.token(ADA)), provider))
    assert "Initialization failed" in page.evaluate(f"token => ({WITH_TOKEN})(token).then(() => '', String)", token)


def test_page__script_of_format_js__carries_the_token(site: Site, provider: str, page: Page) -> None:
    token = SIGNER.token(ADA)
    payload = f"/v1/bootstrap?format=js&key={CLIENT_KEY}&signed_context={token}&{in_query({})}"
    head = f'<script src="{payload}"></script><script src="/v1/bootstrap.js"></script>'
    page.goto(site.show("/", head, provider))
    assert page.evaluate("[Flaghoist.context, Flaghoist.payload.signedContext]") == [ADA, token]
    assert page.evaluate("start()")["value"] == "pro v1"
    assert site.asked_for(BULK) == []
