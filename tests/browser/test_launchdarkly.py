"""LaunchDarkly's own client takes ``format=launchdarkly`` for its bootstrap, with no LaunchDarkly to be reached."""

from typing import Any

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.bundles import bundle
from tests.browser.releases import ADA, BOB
from tests.browser.sites import Site
from tests.published import CLIENT_KEY
from tests.shared.answers.asking import in_query

PERSON = {"kind": "user", "key": "ada"}
START = "([bootstrap, person]) => { globalThis.started = startFrom(bootstrap, person) }"


@pytest.fixture
def elsewhere(context: BrowserContext, site: Site) -> list[str]:
    """Return the URLs outside the site that pages asked for; none is answered."""
    asked: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.url.startswith(site.url):
            return route.continue_()
        asked.append(route.request.url)
        return route.abort()

    context.route("**/*", refuse)
    return asked


def bootstrap(site: Site, page: Page, person: dict[str, Any]) -> dict[str, Any]:
    """Return what the site answers for a person in LaunchDarkly's format."""
    url = f"{site.url}/v1/bootstrap?format=launchdarkly&key={CLIENT_KEY}&{in_query(person)}"
    told: dict[str, Any] = msgspec.json.decode(page.request.get(url).body())
    return told


@pytest.mark.parametrize(("person", "plan"), [(ADA, "pro v1"), (BOB, "v1")])
def test_client__started_from_a_bootstrap__has_every_value_at_once(
    site: Site, page: Page, elsewhere: list[str], person: dict[str, Any], plan: str
) -> None:
    page.goto(site.show("/", site.serve("/ld.js", bundle("launchdarkly.js"))))
    told = bootstrap(site, page, person)
    page.evaluate(START, [told, PERSON])
    values = page.evaluate(
        """() => {
          const { client } = started;
          return [client.variation("release", "?"), client.variation("new-checkout"), client.variation("ratio", 0),
            client.variation("layout", {}).columns, client.variation("nothing", "fallback")];
        }"""
    )
    assert values == [plan, plan == "pro v1", 0.5, [1, 2], "fallback"]
    assert page.evaluate("started.client.allFlags()") == {
        key: value for key, value in told.items() if not key.startswith("$")
    }
    assert elsewhere == []


def test_client__variation_index_and_readiness__are_those_of_the_bootstrap(
    site: Site, page: Page, elsewhere: list[str]
) -> None:
    page.goto(site.show("/", site.serve("/ld.js", bundle("launchdarkly.js"))))
    page.evaluate(START, [bootstrap(site, page, ADA), PERSON])
    assert page.evaluate("started.started.then(result => result.status)") == "complete"
    assert page.evaluate("started.client.variationDetail('release', '?').variationIndex") == 1
    assert page.evaluate("said") == []
    assert elsewhere == []


def test_client__flag_that_could_not_be_evaluated__gives_the_callers_default(
    site: Site, page: Page, elsewhere: list[str]
) -> None:
    page.goto(site.show("/", site.serve("/ld.js", bundle("launchdarkly.js"))))
    page.evaluate(START, [bootstrap(site, page, {"plan": "pro"}), PERSON])
    assert page.evaluate("started.client.variation('split', 'default')") == "default"
    assert page.evaluate("started.client.variation('release', '?')") == "pro v1"
    assert elsewhere == []
