"""Pages that come through the Worker, in a browser: hostile flags are inert, policies hold, visitors stay the same."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.bundles import bundle
from tests.browser.complaints import Complaints
from tests.edge_worker.pages.hostile import EXPECTED
from tests.edge_worker.pages.running import Running, running_pages
from tests.servers.site import Answer

BULK = "/ofrep/v1/evaluate/flags"
EXPOSED = b'<script nonce="b3du">globalThis.early = Flaghoist.value("local", "?");</script>'
PAGE = (
    b'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>a page</title><link rel="icon" href="data:,">'
    b'%b</head><body><p id="text">text</p>%b</body></html>'
)
POLICIES = {
    "none": "",
    "self": "script-src 'self'",
    "default": "default-src 'self'; img-src data:",
    "nonce": "script-src 'nonce-b3du' 'strict-dynamic'",
    "unsafe-inline": "script-src 'self' 'unsafe-inline'",
    "two": "script-src 'self', default-src 'self' 'nonce-b3du'; img-src data:",
}


@pytest.fixture(scope="module")
def running(processes: None) -> Iterator[Running]:
    """Run an edge that holds hostile flags, and a site behind it."""
    with running_pages() as pages:
        yield pages


def show(running: Running, path: str, policy: str = "", *, head: bytes = b"", body: bytes = b"") -> str:
    """Let the site have a page; return its URL at the edge."""
    headers = (("Content-Security-Policy", policy),) if policy else ()
    running.site.page(path, PAGE % (head, body), headers=headers)
    return f"{running.edge}{path}"


@pytest.mark.parametrize("policy", list(POLICIES.values()), ids=list(POLICIES))
def test_hostile_flags__under_any_policy__are_values_and_nothing_else(
    running: Running, page: Page, policy: str
) -> None:
    page.goto(show(running, "/", policy))
    flags = page.evaluate("__FLAGHOIST__.ofrep.flags.map(({key, value}) => [key, JSON.stringify(value)])")
    values = {key: json.loads(value) for key, value in flags}
    assert {key: values[key] for key in EXPECTED} == EXPECTED
    assert page.evaluate("globalThis.alarm") is None
    assert page.evaluate("[...document.head.children].map(each => each.localName)") == [
        "script",
        "meta",
        "title",
        "link",
    ]
    assert page.evaluate("[...document.body.children].map(each => each.localName)") == ["p"]
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.compatMode") == "CSS1Compat"
    key = next(key for key in EXPECTED if "</script>" in key)
    assert json.loads(page.evaluate("key => JSON.stringify(Flaghoist.value(key, {}))", key)) == EXPECTED[key]


def test_flags__are_there_before_the_page_s_own_first_script(running: Running, page: Page) -> None:
    page.goto(show(running, "/", "script-src 'nonce-b3du'", head=EXPOSED))
    assert page.evaluate("globalThis.early") == "here"


def test_policy__that_keeps_inline_scripts_out__still_does(
    running: Running, page: Page, complaints: Complaints
) -> None:
    complaints.expect("Content Security Policy")
    page.goto(show(running, "/", "script-src 'self'", body=b"<script>globalThis.alarm = 1</script>"))
    assert page.evaluate("globalThis.alarm") is None
    assert page.evaluate("Flaghoist.value('local', '?')") == "here"


def test_policy__in_a_meta_element__governs_what_comes_after_the_flags(
    running: Running, page: Page, complaints: Complaints
) -> None:
    complaints.expect("Content Security Policy")
    meta = b"""<meta http-equiv="Content-Security-Policy" content="script-src 'self'">"""
    page.goto(show(running, "/", head=meta, body=b"<script>globalThis.alarm = 1</script>"))
    assert page.evaluate("globalThis.alarm") is None
    assert page.evaluate("Flaghoist.value('local', '?')") == "here"


def test_policy__of_no_script_at_all__is_respected(running: Running, page: Page) -> None:
    page.goto(show(running, "/", "default-src 'none'; img-src data:"))
    assert page.evaluate("document.scripts.length") == 0


def test_stock_provider__on_a_page_through_the_worker__asks_nothing(running: Running, page: Page) -> None:
    script = bundle("stock_provider.js")
    running.site.answers["/provider.js"] = Answer((script,), headers=(("Content-Type", "text/javascript"),))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(show(running, "/", "script-src 'self'", body=b'<script src="/provider.js"></script>'))
    assert page.evaluate("start()") is not None
    assert page.evaluate("OpenFeature.getClient().getStringValue('local', '?')") == "here"
    assert not [url for url in asked if BULK in url]


def test_visitor__who_comes_back__is_the_same_and_scripts_cannot_write_the_cookie(running: Running, page: Page) -> None:
    url = show(running, "/")
    page.goto(url)
    unit = page.evaluate("Flaghoist.context.targetingKey")
    assert len(unit) == 22
    assert page.evaluate("document.cookie") == ""
    page.evaluate("document.cookie = 'fh_unit=other; path=/'")
    page.reload()
    assert page.evaluate("Flaghoist.context.targetingKey") == unit
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["sameSite"], cookie["httpOnly"]) == ("fh_unit", "Lax", True)


def test_page__that_a_script_fetches__is_the_site_s_own(running: Running, page: Page) -> None:
    url = show(running, "/")
    page.goto(url)
    fetched = page.evaluate("fetch('/').then(answered => answered.text())")
    assert fetched.encode() == PAGE % (b"", b"")
    accepted = page.evaluate("fetch('/', {headers: {Accept: 'text/html'}}).then(answered => answered.text())")
    assert "__FLAGHOIST__" in accepted
