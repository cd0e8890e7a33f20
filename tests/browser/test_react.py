"""React: rendered on a server and hydrated in the browser with the OpenFeature React SDK, without a mismatch."""

import json
from typing import Any, Literal

import msgspec
import pytest
from playwright.sync_api import Page

from tests.browser.bundles import bundle, run_on_server
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB, release
from tests.browser.sites import BULK, Site
from tests.e2e.environments import wait_until
from tests.published import CLIENT_KEY

SECONDS = 20
WAYS = [
    ("ofrep", "react_client.jsx"),
    ("memory", "react_suspense.jsx"),
    ("ofrep", "react_suspense.jsx"),
    ("package", "react_package.jsx"),
]
CONTENT = "document.getElementById('root').innerText"
REMEMBER = "<script>globalThis.rendered = document.getElementById('root').innerText</script>"

Person = dict[str, Any]
Way = Literal["ofrep", "memory", "package"]


def rendered(site: Site, person: Person, way: Way = "ofrep") -> dict[str, str]:
    """Return the application's HTML and the page's head for a person, as a server makes them of the bulk answer."""
    told = site.evaluate(person)
    payload = {
        "ofrep": msgspec.json.decode(told.body),
        "etag": told.headers["ETag"],
        "context": person,
        "key": CLIENT_KEY,
    }
    made: dict[str, str] = json.loads(run_on_server("react_server.jsx", {"way": way, "payload": payload}))
    return made


def a_page(site: Site, way: Way, client: str, *, html_of: Person, head_of: Person) -> str:
    """Serve a page with the HTML of one person and the flags of another, or the same; return its URL."""
    script = site.serve("/client.js", bundle(client))
    body = f'<div id="root">{rendered(site, html_of, way)["html"]}</div>{REMEMBER}{script}'
    return site.show("/", rendered(site, head_of, way)["head"], body)


@pytest.mark.parametrize("way", ["ofrep", "memory", "package"])
def test_server__renders_the_flags_of_its_person(site: Site, way: Way) -> None:
    ada, bob = (rendered(site, person, way)["html"] for person in (ADA, BOB))
    assert '<p id="release">pro v1</p>' in ada
    assert "New checkout" in ada
    assert "Old checkout" in bob
    assert "Release &lt;1&gt; &amp; more" in bob
    assert "fallback" not in bob


@pytest.mark.parametrize(("way", "client"), WAYS)
@pytest.mark.parametrize("person", [ADA, BOB], ids=["ada", "bob"])
def test_hydration__page_of_its_person__changes_nothing_and_asks_nothing(
    site: Site, page: Page, way: Way, client: str, person: Person
) -> None:
    page.goto(a_page(site, way, client, html_of=person, head_of=person))
    page.wait_for_selector("main[data-live=true]")
    assert page.evaluate(CONTENT) == page.evaluate("rendered")
    assert page.evaluate("recovered") == []
    assert site.asked_for(BULK) == []


@pytest.mark.parametrize(("way", "client"), WAYS)
def test_hydration__flags_of_somebody_else__is_seen_as_a_mismatch(
    site: Site, page: Page, complaints: Complaints, way: Way, client: str
) -> None:
    complaints.expect("ydrat")
    page.goto(a_page(site, way, client, html_of=BOB, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    assert len(page.evaluate("recovered")) == 1
    assert page.evaluate(CONTENT) != page.evaluate("rendered")


def test_head__hostile_context__is_inert(site: Site, page: Page) -> None:
    hostile = {"targetingKey": "</script><script>globalThis.broken = 1</script><!-- \u2028 & ' \" \\"}
    page.goto(site.show("/", rendered(site, hostile)["head"]))
    assert page.evaluate("[globalThis.broken ?? null, Flaghoist.context]") == [None, hostile]


def test_change__after_hydration__is_shown_by_the_component_that_reads_it(site: Site, page: Page) -> None:
    page.goto(a_page(site, "ofrep", "react_client.jsx", html_of=ADA, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    site.publish(release(2))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("document.getElementById('release').innerText === 'pro v2'")
    assert page.inner_text("h1") == "Release <2> & more"


def test_exposures__are_those_of_the_components_that_were_shown(site: Site, page: Page) -> None:
    page.goto(a_page(site, "ofrep", "react_client.jsx", html_of=ADA, head_of=ADA))
    page.wait_for_selector("main[data-live=true]")
    page.evaluate("Flaghoist.flush()")
    wait_until(lambda: len(site.accepted) == 4, SECONDS)
    assert {event["flag"] for event in site.accepted} == {"release", "new-checkout", "ratio", "layout"}
