"""What a stream told of is asked for until it is shown, also where the first question after it failed."""

import pytest
from playwright.sync_api import Page

from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, release
from tests.browser.sites import BULK, Site
from tests.published import CLIENT_KEY

ASK = """async ({path, key, context}) => {
  const headers = {"X-API-Key": key, "Content-Type": "application/json"};
  const told = await Flaghoist.fetch(path, {method: "POST", headers, body: JSON.stringify({context})});
  return [told.status, (await told.json().catch(() => ({}))).flags?.find(({key}) => key === "release")?.value];
}"""
FENCE = "flagConfigEtag=1-2"


def ask(page: Page, query: str = "", key: str = CLIENT_KEY) -> tuple[int, object]:
    """Return status and value of one bulk question of the page."""
    path = f"{BULK}?{query}" if query else BULK
    status, value = page.evaluate(ASK, {"path": path, "key": key, "context": ADA})
    return status, value


@pytest.fixture
def visited(site: Site, page: Page) -> Page:
    """Return a page whose inlined answer is taken."""
    page.goto(site.show("/", site.head(ADA)))
    assert ask(page) == (200, "pro v1")
    assert site.asked_for(BULK) == []
    return page


@pytest.mark.parametrize("status", [0, 503])
def test_fence__question_failed__is_asked_until_a_new_enough_answer(
    site: Site, visited: Page, complaints: Complaints, status: int
) -> None:
    complaints.expect("503" if status else "ERR_EMPTY_RESPONSE")
    site.fails_with = status
    assert ask(visited, FENCE) == (200, "pro v1")
    site.fails_with = None
    failed = site.asked_for(BULK)  # a browser may try a cut connection twice
    assert ask(visited)[1] == "pro v1"
    site.publish(release(2))
    assert ask(visited) == (200, "pro v2")
    assert ask(visited) == (200, "pro v2")
    assert {call.query for call in failed} == {FENCE}
    assert [call.query for call in site.asked_for(BULK)[len(failed) :]] == [FENCE, FENCE, ""]


def test_fence__older_one_follows__newest_is_asked_for(site: Site, visited: Page) -> None:
    ask(visited, FENCE)
    ask(visited, "flagConfigEtag=1-1")
    ask(visited, "flagConfigEtag=1-3")
    assert [call.query for call in site.asked_for(BULK)] == [FENCE, FENCE, "flagConfigEtag=1-3"]


def test_fence__of_another_key__is_not_asked_for(site: Site, visited: Page, complaints: Complaints) -> None:
    complaints.expect("401")
    ask(visited, FENCE, key="another")
    ask(visited)
    assert [call.query for call in site.asked_for(BULK)] == [FENCE, ""]


@pytest.mark.parametrize("unknown", ["flagConfigEtag=soon", "flagConfigEtag=", "flagConfigEtag=1-2-3"])
def test_fence__no_version__is_left_to_the_network(site: Site, visited: Page, unknown: str) -> None:
    ask(visited, unknown)
    ask(visited)
    assert [call.query for call in site.asked_for(BULK)] == [unknown, ""]


def test_fence__added__leaves_the_rest_as_it_was(site: Site, visited: Page) -> None:
    ask(visited, FENCE)
    ask(visited, "from=banner")
    fenced, renewed = site.asked_for(BULK)
    assert renewed.query == f"from=banner&{FENCE}"
    assert renewed.body == fenced.body
    assert renewed.headers["x-api-key"] == CLIENT_KEY
    assert renewed.headers["content-type"] == fenced.headers["content-type"]
