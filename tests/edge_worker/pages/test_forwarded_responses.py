"""Which answers are pages, and what of their headers goes on to the visitor."""

import pytest

from flaghoist_edge.pages.forwarded_responses import charset_of, injected, is_page, untouched
from flaghoist_edge.pages.policies import Policies
from tests.edge_worker.pages.site import FakeUpstream

SITE_URL = "https://site.example"
OWN_URL = "http://www.example:8787"
NO_POLICIES = Policies("", "")


def html(status: int = 200, type: str = "text/html", **headers: str) -> FakeUpstream:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return FakeUpstream(status, {"content-type": type, **named})


@pytest.mark.parametrize(
    ("upstream", "is_one"),
    [
        (html(), True),
        (html(404), True),
        (html(500), True),
        (html(type="TEXT/HTML;charset=UTF-8"), True),
        (html(type='text/html; charset="windows-1252"'), True),
        (html(type="text/html; charset=Shift_JIS"), True),
        (html(type="text/html; charset=utf-16le"), False),
        (html(type="text/html; charset=iso-2022-jp"), False),
        (html(type="text/html; charset=nonsense"), False),
        (html(type="text/htmlx"), False),
        (html(type="application/xhtml+xml"), False),
        (html(type="application/json"), False),
        (FakeUpstream(200, {}), False),
        (html(304), False),
        (html(206), False),
        (html(204), False),
        (html(302, location="/there"), False),
        (html(content_disposition="inline"), True),
        (html(content_disposition='Attachment; filename="page.html"'), False),
        (html(content_encoding="identity"), True),
        (html(content_encoding="gzip"), True),
        (html(content_encoding="zstd"), False),
    ],
)
def test_answer__is_a_page__when_it_is_a_document_that_can_be_written_into(
    upstream: FakeUpstream, is_one: bool
) -> None:
    assert is_page(upstream) == is_one


def test_charset__is_what_the_content_type_names() -> None:
    assert charset_of(html(type='text/html; a=b; CHARSET = "utf-8"')) == "utf-8"
    assert charset_of(html(type="text/html")) == ""


def test_page__of_one_visitor__is_kept_by_nobody_and_known_again_by_nothing() -> None:
    upstream = html(
        etag='"1"',
        last_modified="Mon, 23 Nov 2026 00:00:00 GMT",
        cache_control="public, max-age=600",
        vary="Accept-Language",
    )
    page = injected(upstream, b"<script></script>", NO_POLICIES, {"Flaghoist-Level": "0"}, "fh_unit=ada")
    assert page.headers == {
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language, Cookie, Accept, Sec-Fetch-Mode",
        "Flaghoist-Level": "0",
    }
    assert {"etag", "last-modified", "expires", "age", "content-length", "content-encoding"} <= set(page.removed)
    assert {"cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"} <= set(page.removed)
    assert page.added == (("Set-Cookie", "fh_unit=ada"),)
    assert (page.status, page.head, page.upstream) == (200, b"<script></script>", upstream)
    assert injected(upstream, b"", NO_POLICIES, {}).added == ()


def test_page__that_varies_by_everything__goes_on_doing_so() -> None:
    assert injected(html(vary="*"), b"", NO_POLICIES, {}).headers["Vary"] == "*"


def test_page__policies__are_replaced_where_there_are_any() -> None:
    page = injected(html(), b"", Policies("script-src 'nonce-x'", "img-src *", "x"), {})
    assert page.headers["Content-Security-Policy"] == "script-src 'nonce-x'"
    assert page.headers["Content-Security-Policy-Report-Only"] == "img-src *"
    assert not {"Content-Security-Policy"} & set(injected(html(), b"", NO_POLICIES, {}).headers)


def test_answer__that_is_no_page__goes_on_as_it_is() -> None:
    forwarded = untouched(FakeUpstream(206, {"content-type": "image/png", "etag": '"1"'}), SITE_URL, OWN_URL)
    assert (forwarded.status, forwarded.headers, forwarded.removed, forwarded.added, forwarded.head) == (
        206,
        {},
        (),
        (),
        b"",
    )


def test_html__without_flags__says_what_that_depended_on() -> None:
    assert untouched(html(etag='"1"'), SITE_URL, OWN_URL).headers == {"Vary": "Accept, Sec-Fetch-Mode"}


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://site.example/there?x=1#y", f"{OWN_URL}/there?x=1#y"),
        ("https://SITE.example", OWN_URL),
        ("https://site.example?x", f"{OWN_URL}?x"),
        ("//site.example/there", f"{OWN_URL}/there"),
        ("/there", "/there"),
        ("there", "there"),
        ("http://site.example/there", "http://site.example/there"),
        ("https://site.example.evil/there", "https://site.example.evil/there"),
        ("https://site.example:444/there", "https://site.example:444/there"),
        ("https://login.example/?back=https://site.example/", "https://login.example/?back=https://site.example/"),
    ],
)
def test_redirect__within_the_site__leads_back_to_us(location: str, shown: str) -> None:
    assert untouched(FakeUpstream(302, {"location": location}), SITE_URL, OWN_URL).headers == {"Location": shown}
