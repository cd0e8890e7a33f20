"""React: rendered on a server and hydrated in the browser with the OpenFeature React SDK, without a mismatch."""

import msgspec
import pytest
from playwright.sync_api import Page

from tests.browser.bundles import bundle, run_on_server
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import BULK, Site
from tests.e2e.environments import wait_until

SECONDS = 20
CLIENTS = ("react_client.jsx", "react_suspense.jsx")
CONTENT = "document.getElementById('root').innerText"
REMEMBER = "<script>globalThis.rendered = document.getElementById('root').innerText</script>"


def rendered(site: Site, context: dict[str, object]) -> str:
    """Return the application's HTML for a person, as a server renders it from the bulk answer."""
    bulk = msgspec.json.decode(site.evaluate(context).body)
    return run_on_server("react_server.jsx", {"bulk": bulk, "context": context})


def a_page(site: Site, client: str, *, of: dict[str, object], head_of: dict[str, object]) -> str:
    """Serve a page with the HTML of one person and the flags of another, or the same; return its URL."""
    script = site.serve("/client.js", bundle(client))
    body = f'<div id="root">{rendered(site, of)}</div>{REMEMBER}{script}'
    return site.show("/", site.head(head_of), body)


def test_server__renders_the_flags_of_its_person(site: Site) -> None:
    assert '<p id="release">pro v1</p>' in rendered(site, ADA)
    assert "New checkout" in rendered(site, ADA)
    assert "Old checkout" in rendered(site, BOB)
    assert "Release &lt;1&gt; &amp; more" in rendered(site, BOB)
    assert "fallback" not in rendered(site, BOB)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("person", [ADA, BOB], ids=["ada", "bob"])
def test_hydration__page_of_its_person__changes_nothing_and_asks_nothing(
    site: Site, page: Page, client: str, person: dict[str, object]
) -> None:
    page.goto(a_page(site, client, of=person, head_of=person))
    page.wait_for_selector("main[data-live=true]")
    assert page.evaluate(CONTENT) == page.evaluate("rendered")
    assert page.evaluate("recovered") == []
    assert site.asked_for(BULK) == []


@pytest.mark.parametrize("client", CLIENTS)
def test_hydration__flags_of_somebody_else__is_seen_as_a_mismatch(
    site: Site, page: Page, complaints: Complaints, client: str
) -> None:
    complaints.expect("ydration")
    page.goto(a_page(site, client, of=BOB, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    assert len(page.evaluate("recovered")) == 1
    assert page.evaluate(CONTENT) != page.evaluate("rendered")


def test_change__after_hydration__is_shown_by_the_component_that_reads_it(site: Site, page: Page) -> None:
    page.goto(a_page(site, "react_client.jsx", of=ADA, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    site.publish(release(2))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("document.getElementById('release').innerText === 'pro v2'")
    assert page.inner_text("h1") == "Release <2> & more"


def test_exposures__are_those_of_the_components_that_were_shown(site: Site, page: Page) -> None:
    page.goto(a_page(site, "react_client.jsx", of=ADA, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    page.evaluate("Flaghoist.flush()")
    wait_until(lambda: len(site.accepted) == 4, SECONDS)
    assert {event["flag"] for event in site.accepted} == {"release", "new-checkout", "ratio", "layout"}
