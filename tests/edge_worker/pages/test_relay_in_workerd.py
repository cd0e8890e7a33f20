"""What goes through workerd to a real site and back: streams, methods, bodies, conditions, redirects, failures."""

import gzip
import socket
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest

from flaghoist.protocol.events import Exposure
from tests.e2e.environments import wait_until
from tests.edge_worker.pages.parsed import carried
from tests.edge_worker.pages.running import Running
from tests.published import CLIENT_KEY, SECRET, SERVER_KEY
from tests.servers.site import DROPPED, HTML, Answer, SiteServer

pytestmark = pytest.mark.e2e

PAGE = b"<!doctype html><html><head><title>t</title></head><body>b</body></html>"
IMAGE = ("Content-Type", "image/png")
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
SCRIPTED = {"Accept": "*/*", "Sec-Fetch-Mode": "cors"}


def test_page__whose_rest_is_not_there_yet__shows_its_beginning_with_flags(
    visitor: httpx.Client, site: SiteServer
) -> None:
    go_on = Event()
    site.page("/", b"<html><head><title>t</title>", go_on, b"</head><body>later</body></html>")
    try:
        with visitor.stream("GET", "/") as upstream:
            pieces = upstream.iter_raw()
            early = b""
            while b"<title>t</title>" not in early:
                early += next(pieces)
            assert carried(early).payload["context"]["targetingKey"]
            assert not go_on.is_set()
            go_on.set()
            assert b"".join(pieces).endswith(b"<body>later</body></html>")
    finally:
        go_on.set()


def test_other_answers__stream_too(visitor: httpx.Client, site: SiteServer) -> None:
    go_on = Event()
    events = (("Content-Type", "text/event-stream"),)
    site.answers["/feed"] = Answer((b"data: 1\n\n", go_on, b"data: 2\n\n"), headers=events, is_chunked=True)
    try:
        with visitor.stream("GET", "/feed", headers={"Accept": "text/event-stream"}) as upstream:
            pieces = upstream.iter_raw()
            assert next(pieces) == b"data: 1\n\n"
            assert not go_on.is_set()
            go_on.set()
            assert b"".join(pieces) == b"data: 2\n\n"
    finally:
        go_on.set()


def test_page__whose_site_breaks_off__breaks_off_and_leaves_the_edge_in_good_health(
    visitor: httpx.Client, running: Running, site: SiteServer
) -> None:
    site.page("/", PAGE)
    # It announces more than it sends.
    site.answers["/half"] = Answer(
        (PAGE,), headers=(HTML, ("Content-Length", str(10 * len(PAGE))), ("Connection", "close"))
    )
    for _ in range(3):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{running.edge}/half", timeout=30)
        assert visitor.get("/").status_code == 200


def test_visitors__who_hang_up__leave_the_edge_in_good_health(
    visitor: httpx.Client, running: Running, site: SiteServer
) -> None:
    never = Event()
    site.page("/slow", b"<html><head>", never, b"</head></html>")
    site.page("/", PAGE)
    address = urlsplit(running.edge)
    try:
        for _ in range(5):
            with socket.create_connection((address.hostname or "", address.port or 0), 30) as connection:
                connection.sendall(b"GET /slow HTTP/1.1\r\nHost: edge\r\n\r\n")
                assert connection.recv(64)
        assert carried(visitor.get("/").content).payload["ofrep"]["flags"]
    finally:
        never.set()


def test_visitors__side_by_side__each_get_their_own_flags(running: Running, site: SiteServer) -> None:
    site.page("/", PAGE)
    for unit in ("ada", "bob", "ada"):
        page = httpx.get(f"{running.edge}/", headers={"Cookie": f"fh_unit={unit}"}, timeout=30)
        head = carried(page.content)
        assert head.payload["context"] == {"targetingKey": unit}
        values = {item["key"]: item["value"] for item in head.payload["ofrep"]["flags"]}
        assert (values["who"], values["local"]) == (unit == "ada", "here")
        assert page.headers["Cache-Control"] == "private, no-store"
        assert "cookie" in page.headers["Vary"].lower()


def test_visitor__keeps_the_unit_and_every_cookie_of_the_site(visitor: httpx.Client, site: SiteServer) -> None:
    cookies = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/"))
    site.page("/", PAGE, headers=cookies)
    first = visitor.get("/")
    unit = carried(first.content).payload["context"]["targetingKey"]
    set_cookies = first.headers.get_list("set-cookie")
    assert set_cookies[:2] == [value for _, value in cookies]
    assert set_cookies[2:] == [f"fh_unit={unit}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"]
    assert site.last.header("cookie") == f"fh_unit={unit}"
    second = visitor.get("/")
    assert carried(second.content).payload["context"]["targetingKey"] == unit
    assert len(second.headers.get_list("set-cookie")) == 2
    assert sorted(site.last.header("cookie").split("; ")) == sorted(["a=1", "b=2", f"fh_unit={unit}"])


def test_page__never_comes_in_part_or_from_an_older_one(visitor: httpx.Client, site: SiteServer) -> None:
    site.page("/", PAGE, headers=(("ETag", '"1"'), ("Cache-Control", "public, max-age=60"), ("Last-Modified", "x")))
    asked = {"If-None-Match": '"1"', "If-Modified-Since": "x", "Range": "bytes=0-3", "Accept-Encoding": "br, gzip"}
    page = visitor.get("/", headers=asked)
    names = {name for name, _ in site.last.headers}
    assert not {"if-none-match", "if-modified-since", "range"} & names
    assert site.last.header("accept-encoding") == "identity"
    assert not {"etag", "last-modified", "content-encoding"} & set(page.headers)
    assert page.headers.get("content-length") in (None, str(len(page.content)))


def test_page__that_comes_compressed_all_the_same__is_read_and_written_into(
    visitor: httpx.Client, site: SiteServer
) -> None:
    site.page("/", gzip.compress(PAGE), headers=(("Content-Encoding", "gzip"),))
    page = visitor.get("/")
    assert carried(page.content).element
    assert page.content.replace(carried(page.content).element, b"") == PAGE


def test_other_answers__keep_conditions_ranges_and_compression(visitor: httpx.Client, site: SiteServer) -> None:
    compressed = gzip.compress(b"x" * 1_000)
    headers = (IMAGE, ("ETag", '"1"'), ("Content-Encoding", "gzip"), ("Cache-Control", "public, max-age=60"))
    site.answers["/a.png"] = Answer((compressed,), headers=headers)
    asked = {**SCRIPTED, "Range": "bytes=0-9", "If-None-Match": '"0"', "Accept-Encoding": "gzip"}
    with visitor.stream("GET", "/a.png?v=1", headers=asked) as upstream:
        assert b"".join(upstream.iter_raw()) == compressed
    assert (upstream.headers["etag"], upstream.headers["cache-control"]) == ('"1"', "public, max-age=60")
    assert upstream.headers["content-encoding"] == "gzip"
    assert not [name for name in upstream.headers if name.startswith("flaghoist")]
    assert "set-cookie" not in upstream.headers
    assert (site.last.target, site.last.header("range"), site.last.header("if-none-match")) == (
        "/a.png?v=1",
        "bytes=0-9",
        '"0"',
    )
    site.answers["/a.png"] = Answer(status=304, headers=(("ETag", '"1"'),))
    unchanged = visitor.get("/a.png", headers=SCRIPTED)
    assert (unchanged.status_code, unchanged.headers["etag"], unchanged.content) == (304, '"1"', b"")
    site.answers["/a.png"] = Answer((b"0123",), 206, (IMAGE, ("Content-Range", "bytes 0-3/10")))
    part = visitor.get("/a.png", headers=SCRIPTED)
    assert (part.status_code, part.headers["content-range"], part.content) == (206, "bytes 0-3/10", b"0123")


def test_head_request__has_the_headers_of_a_page_and_no_body(visitor: httpx.Client, site: SiteServer) -> None:
    site.page("/", PAGE, headers=(("ETag", '"1"'),))
    upstream = visitor.head("/")
    assert (upstream.status_code, upstream.content, site.last.method) == (200, b"", "HEAD")
    assert upstream.headers["cache-control"] == "private, no-store"
    assert "etag" not in upstream.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("length", [0, 10, 3_000_000])
def test_body__of_any_length__reaches_the_site(
    visitor: httpx.Client, site: SiteServer, method: str, length: int
) -> None:
    site.answers["/form"] = Answer(
        (b"{}",), 201, (("Content-Type", "application/json"), ("Location", f"{site.url}/made"))
    )
    content = b"ab" * (length // 2)
    upstream = visitor.request(method, "/form?a=%20&b", content=content, headers={"Content-Type": "text/x"})
    assert (upstream.status_code, upstream.json()) == (201, {})
    assert upstream.headers["location"] == f"{str(visitor.base_url).rstrip('/')}/made"
    assert (site.last.method, site.last.target, site.last.header("content-type")) == (method, "/form?a=%20&b", "text/x")
    assert site.last.body == content


def test_form__that_is_answered_with_a_page__gives_one_with_flags(visitor: httpx.Client, site: SiteServer) -> None:
    site.page("/form", PAGE, status=422)
    upstream = visitor.post("/form", data={"a": "b"}, headers=NAVIGATION)
    assert (upstream.status_code, site.last.body) == (422, b"a=b")
    assert carried(upstream.content).payload["ofrep"]["flags"]
    assert visitor.post("/form", data={"a": "b"}).content == PAGE


def test_body__of_unknown_length__reaches_the_site(visitor: httpx.Client, site: SiteServer) -> None:
    site.answers["/form"] = Answer(status=204, headers=())
    upstream = visitor.post("/form", content=iter([b"one", b"two"]))
    assert (upstream.status_code, upstream.content) == (204, b"")
    assert site.last.body == b"onetwo"


def test_options__of_the_site__is_answered_by_it(visitor: httpx.Client, site: SiteServer) -> None:
    site.answers["/form"] = Answer(status=204, headers=(("Allow", "GET, POST"),))
    assert visitor.options("/form").headers["allow"] == "GET, POST"


def test_redirect__is_passed_on_and_leads_back_to_the_edge(visitor: httpx.Client, site: SiteServer) -> None:
    site.answers["/old"] = Answer((b"moved",), 302, (HTML, ("Location", f"{site.url}/new?x=1")))
    site.answers["/away"] = Answer(status=301, headers=(("Location", "https://elsewhere.example/"),))
    site.answers["/near"] = Answer(status=303, headers=(("Location", "new"),))
    moved = visitor.get("/old")
    assert (moved.status_code, moved.headers["location"]) == (302, f"{str(visitor.base_url).rstrip('/')}/new?x=1")
    assert moved.content == b"moved"
    assert visitor.get("/away").headers["location"] == "https://elsewhere.example/"
    assert visitor.get("/near").headers["location"] == "new"
    assert [received.target for received in site.received] == ["/old", "/away", "/near"]


def test_site__is_told_who_came_by_what_name_and_no_secret(visitor: httpx.Client, site: SiteServer) -> None:
    site.page("/", PAGE)
    made_up = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil.example", "Forwarded": "for=10.0.0.1"}
    visitor.get("/", headers={**made_up, "Flaghoist-Edge-Token": "made up", "Connection": "close, X-Hop", "X-Hop": "1"})
    received = site.last
    assert received.header("host") == site.url.partition("://")[2]
    assert received.header("x-forwarded-host") == visitor.base_url.netloc.decode()
    assert received.header("x-forwarded-proto") == "http"
    assert received.header("via") == "1.1 flaghoist"
    assert not {"x-forwarded-for", "forwarded", "flaghoist-edge-token", "x-hop"} & {
        name for name, _ in received.headers
    }
    for secret in (SECRET.decode(), CLIENT_KEY, SERVER_KEY):
        assert secret not in repr(received)


def test_policy__lets_the_flags_in_by_one_nonce_in_every_policy(visitor: httpx.Client, site: SiteServer) -> None:
    policies = (
        ("Content-Security-Policy", "default-src 'self'"),
        ("Content-Security-Policy", "img-src *"),
        ("Content-Security-Policy-Report-Only", "script-src 'self'; report-uri /csp"),
    )
    site.page("/", PAGE, headers=policies)
    pages = [visitor.get("/") for _ in range(2)]
    nonces = [carried(page.content).nonce for page in pages]
    for page, nonce in zip(pages, nonces, strict=True):
        assert page.headers["content-security-policy"] == (
            f"default-src 'self'; script-src 'self' 'nonce-{nonce}', img-src *"
        )
        assert page.headers["content-security-policy-report-only"] == (
            f"script-src 'self' 'nonce-{nonce}'; report-uri /csp"
        )
    assert nonces[0] != nonces[1]


def test_site__that_drops_the_connection__gives_a_page_that_says_so_to_people(
    visitor: httpx.Client, site: SiteServer
) -> None:
    site.answers["/"] = DROPPED
    shown = visitor.get("/", headers=NAVIGATION)
    assert (shown.status_code, shown.headers["content-type"]) == (502, "text/html; charset=utf-8")
    refused = visitor.post("/", content=b"x")
    assert (refused.status_code, refused.headers["content-type"]) == (502, "application/problem+json")
    assert site.url not in shown.text + refused.text


def test_error_page__of_the_site__keeps_its_status_and_gets_flags(visitor: httpx.Client, site: SiteServer) -> None:
    site.page("/gone", PAGE, status=410)
    upstream = visitor.get("/gone")
    assert upstream.status_code == 410
    assert carried(upstream.content).payload["ofrep"]["flags"]


def test_own_paths__answer_beside_the_site(visitor: httpx.Client, site: SiteServer) -> None:
    asked = {"X-API-Key": CLIENT_KEY}
    bulk = visitor.post("/ofrep/v1/evaluate/flags", json={"context": {"targetingKey": "ada"}}, headers=asked)
    assert bulk.status_code == 200
    assert visitor.get("/healthz").json()["status"] == "ok"
    assert visitor.get("/v1/nothing").status_code == 404
    assert visitor.get("/v1/bootstrap.js").headers["content-type"].startswith("application/javascript")
    assert site.received == []


def test_client__that_starts_from_the_page__is_told_that_nothing_has_changed(
    visitor: httpx.Client, site: SiteServer
) -> None:
    site.page("/", PAGE)
    shown = carried(visitor.get("/").content).payload
    asked = {"X-API-Key": shown["key"], "If-None-Match": shown["etag"]}
    again = visitor.post("/ofrep/v1/evaluate/flags", json={"context": shown["context"]}, headers=asked)
    assert again.status_code == 304


def test_websocket__is_passed_through(running: Running, site: SiteServer) -> None:
    address = urlsplit(running.edge)
    with socket.create_connection((address.hostname or "", address.port or 0), 30) as connection:
        connection.sendall(
            b"GET /socket HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(4_096)
        assert received.startswith(b"HTTP/1.1 101 ")
        mask, text = b"\x01\x02\x03\x04", b"hello"
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
        connection.sendall(bytes([0x81, 0x80 | len(text)]) + mask + masked)
        echoed = received.partition(b"\r\n\r\n")[2]
        while len(echoed) < 2 + len(text):
            echoed += connection.recv(64)
        assert echoed == bytes([0x81, len(text)]) + text


def test_page__that_declares_what_it_used__is_reported_as_such(
    visitor: httpx.Client, running: Running, site: SiteServer
) -> None:
    metas = b'<meta name="flaghoist-exposures" content="local, who"><meta content="local" name=flaghoist-exposures>'
    broken = b"<select><title>x</title></select>" + metas.replace(b"who", b"never")
    visitor.cookies.set("fh_unit", "ada")
    site.page("/", b"<html><head><title>t</title>" + metas + b"</head>" + broken)
    site.page("/silent", PAGE)
    visitor.get("/silent")
    assert carried(visitor.get("/").content).element
    wait_until(lambda: len(running.origin.events) == 2, 20)
    told = {(event.flag, event.variant) for event in running.origin.events.values() if isinstance(event, Exposure)}
    assert told == {("local", "near"), ("who", "on")}
    assert {event.unit for event in running.origin.events.values()} == {"ada"}
