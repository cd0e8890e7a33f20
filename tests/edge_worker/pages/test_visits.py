"""Which requests may want a page, and what of each goes on to the site."""

from collections.abc import Mapping

import pytest

from flaghoist.protocol.requests import Request
from flaghoist_edge.pages.visits import forwarded_request, is_ours, may_be_page
from tests.edge_worker.pages.site import NAVIGATION

SITE_URL = "https://site.example"
OWN_URL = "https://www.example:8443"


def a_request(headers: Mapping[str, str], method: str = "GET", path: str = "/", query: str = "") -> Request:
    return Request(method, path, query, headers, b"")


@pytest.mark.parametrize(
    ("headers", "method", "is_wanted"),
    [
        (NAVIGATION, "GET", True),
        (NAVIGATION, "HEAD", True),
        (NAVIGATION, "POST", True),
        ({"accept": "text/html"}, "POST", True),
        ({"accept": "*/*"}, "POST", False),
        (NAVIGATION, "PUT", False),
        ({}, "GET", True),
        ({"accept": "*/*"}, "GET", True),
        ({"accept": "text/html"}, "GET", True),
        ({"accept": "text/css,*/*;q=0.1"}, "GET", False),
        ({"accept": "image/avif,image/webp,*/*;q=0.8"}, "GET", False),
        ({"accept": "*/*", "sec-fetch-mode": "cors"}, "GET", False),
        ({"accept": "*/*", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}, "GET", False),
        ({"accept": "*/*", "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty"}, "GET", True),
        ({"accept": "text/html", "sec-fetch-mode": "same-origin"}, "GET", True),
        ({**NAVIGATION, "upgrade": "WebSocket"}, "GET", False),
    ],
)
def test_request__may_want_a_page__when_it_navigates_or_accepts_one(
    headers: Mapping[str, str], method: str, is_wanted: bool
) -> None:
    assert may_be_page(a_request(headers, method)) == is_wanted


def test_request__goes_on__to_the_same_target_at_the_site() -> None:
    plain = forwarded_request(SITE_URL, a_request({}, path="/a%2Fb//c", query="x=%20&x"), OWN_URL, asks_page=False)
    assert plain.url == "https://site.example/a%2Fb//c?x=%20&x"
    assert forwarded_request(SITE_URL, a_request({}, path="//evil.example/"), OWN_URL, asks_page=False).url == (
        "https://site.example//evil.example/"
    )


def test_request__goes_on__saying_who_came_by_what_name_and_nothing_that_the_visitor_made_up() -> None:
    headers = {"cf-connecting-ip": "192.0.2.7", "x-forwarded-for": "10.0.0.1", "forwarded": "for=10.0.0.1"}
    way = forwarded_request(SITE_URL, a_request(headers), OWN_URL, asks_page=False)
    assert way.replaced == {
        "x-forwarded-host": "www.example:8443",
        "x-forwarded-proto": "https",
        "x-forwarded-for": "192.0.2.7",
    }
    assert {"forwarded", "x-forwarded-for", "x-forwarded-host", "host", "flaghoist-edge-token"} <= set(way.removed)
    assert way.added == (("via", "1.1 flaghoist"),)
    assert "x-forwarded-for" not in forwarded_request(SITE_URL, a_request({}), OWN_URL, asks_page=False).replaced


def test_request__for_a_page__asks_for_all_of_it_uncompressed() -> None:
    page = forwarded_request(SITE_URL, a_request({}), OWN_URL, asks_page=True, cookies="fh_unit=ada")
    assert {"if-none-match", "if-modified-since", "range"} <= set(page.removed)
    assert page.replaced["accept-encoding"] == "identity"
    assert page.replaced["cookie"] == "fh_unit=ada"
    other = forwarded_request(SITE_URL, a_request({}), OWN_URL, asks_page=False)
    assert not {"if-none-match", "if-modified-since", "range"} & set(other.removed)
    assert not {"accept-encoding", "cookie"} & set(other.replaced)


def test_request__headers_of_the_visitors_own_hop__end_here() -> None:
    way = forwarded_request(
        SITE_URL, a_request({"connection": "close, X-Secret , bad name, "}), OWN_URL, asks_page=False
    )
    assert {"connection", "transfer-encoding", "te", "upgrade", "x-secret"} <= set(way.removed)
    assert "bad name" not in way.removed
    assert "" not in way.removed


def test_request__for_a_websocket__keeps_what_opens_one() -> None:
    headers = {"connection": "Upgrade", "upgrade": "websocket"}
    assert not {"connection", "upgrade"} & set(
        forwarded_request(SITE_URL, a_request(headers), OWN_URL, asks_page=False).removed
    )


@pytest.mark.parametrize(
    ("via", "is_known"), [("", False), ("1.1 vegur", False), ("1.1 flaghoist", True), ("1.0 a, 1.1 flaghoist", True)]
)
def test_request__that_comes_back_to_us__is_known(via: str, is_known: bool) -> None:
    assert is_ours(a_request({"via": via})) == is_known
