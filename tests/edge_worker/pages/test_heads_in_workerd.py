"""Where the flags stand in a page, as the rewriter of workerd puts them there."""

from threading import Event

import httpx
import pytest

from tests.edge_worker.pages.hostile import EXPECTED
from tests.edge_worker.pages.parsed import Parsed, carried
from tests.servers.site import Answer, SiteServer

pytestmark = pytest.mark.e2e

HERE = "[flags]"
"""Stands in for the element in expectations."""

DOCUMENTS = [
    ("usual", f"<!doctype html><html lang=en><head>{HERE}<title>t</title></head><body>b</body></html>"),
    ("capitals", f"<!DOCTYPE HTML><HTML><HEAD prefix=x>{HERE}<SCRIPT>1</SCRIPT></HEAD><BODY></BODY></HTML>"),
    ("space and comments", f"<!-- <head> --> <!doctype html>\n<html>\n <!-- a -->\n <head>{HERE}\n</head></html>"),
    ("no doctype", f"<html><head>{HERE}</head></html>"),
    ("head alone", f"<head>{HERE}<title>t</title></head>"),
    ("html without head", f"<!doctype html><html>{HERE}<title>t</title><body>b</body></html>"),
    ("html and body", f"<html>{HERE}<body class=x>b</body></html>"),
    ("body alone", f"{HERE}<body>b</body>"),
    ("doctype and title", f"<!doctype html>{HERE}<title>t</title><p>b"),
    ("doctype and script", f"<!doctype html>{HERE}<script>1</script><title>t</title>"),
    ("doctype and meta", f"<!doctype html>\n{HERE}<meta charset=utf-8><title>t</title><p>b"),
    ("doctype and text", f"<!doctype html><p>b</p>{HERE}"),
    ("two heads", f"<html><head>{HERE}</head><body><head></head><body></body></html>"),
    ("many scripts", f"<html><head>{HERE}<script>1</script></head><body><div><script>2</script></div></body></html>"),
    ("icons", f"<html><head>{HERE}</head><body><svg><title>i</title></svg><svg><title>j</title></svg></body></html>"),
    ("tags in texts", f"<html>{HERE}<textarea><head></textarea></html>"),
    ("frames", f"<html><head>{HERE}</head><frameset><frame src=a></frameset></html>"),
    ("a piece", "<div><script>1</script><title>x</title></div>"),
    ("a piece with a style", "<style>p{}</style><p>b</p>"),
    ("text", "hello <head"),
    ("nothing", ""),
]


@pytest.mark.parametrize("shown", [row[1] for row in DOCUMENTS], ids=[row[0] for row in DOCUMENTS])
@pytest.mark.parametrize("pieces", [1, 7], ids=["whole", "in pieces"])
def test_flags__stand_once_at_the_start_of_the_head(
    visitor: httpx.Client, site: SiteServer, shown: str, pieces: int
) -> None:
    document = shown.replace(HERE, "").encode()
    step = len(document) // pieces + 1
    site.page("/", *(document[at : at + step] for at in range(0, max(1, len(document)), step)))
    upstream = visitor.get("/")
    head = carried(upstream.content)
    assert upstream.content == shown.encode().replace(HERE.encode(), head.element)
    assert bool(head.element) == (HERE in shown)
    assert upstream.headers["Flaghoist-Level"] == "0"


ODD = [
    ("a title in a select", b"<select><title>x</title></select><p>after</p>"),
    ("scripts between frames", b"<frameset><script>1</script><textarea></frameset>"),
    ("a picture of megabytes", b"<img src=data:" + b"a" * 4_000_000 + b"><p>after</p>"),
    ("a script of megabytes", b"<script>" + b"a" * 4_000_000 + b"</script><p>after</p>"),
    ("no end", b"<!-- <p>"),
]


@pytest.mark.parametrize("rest", [row[1] for row in ODD], ids=[row[0] for row in ODD])
def test_page__whose_rest_the_rewriter_refuses__keeps_it_to_the_byte(
    visitor: httpx.Client, site: SiteServer, rest: bytes
) -> None:
    head = b"<!doctype html><html><head><title>t</title>" + b"<!-- a long head -->" * 400
    site.page("/", head, b"</head>" + rest)
    page = visitor.get("/").content
    assert carried(page).element
    assert page.replace(carried(page).element, b"") == head + b"</head>" + rest


def test_page__whose_head_the_rewriter_cannot_find__is_worth_more_than_its_flags(
    visitor: httpx.Client, site: SiteServer
) -> None:
    document = b"<select><title>x</title></select><head></head><p>after</p>"
    site.page("/", document)
    assert visitor.get("/").content == document


@pytest.mark.parametrize("cut", range(3, 48, 3))
def test_page__that_comes_cut_anywhere__has_its_flags_in_the_same_place(
    visitor: httpx.Client, site: SiteServer, cut: int
) -> None:
    document = "<!doctype html><html lang=ü><head a=b><title>é</title>".encode()
    go_on = Event()
    site.page("/", document[:cut], go_on, document[cut:])
    with visitor.stream("GET", "/") as upstream:
        go_on.set()
        page = upstream.read()
    assert page == document.replace(b"<head a=b>", b"<head a=b>" + carried(page).element)
    assert carried(page).element


def test_flags__with_hostile_texts_everywhere__are_inert_and_say_what_they_are(
    visitor: httpx.Client, site: SiteServer
) -> None:
    page = b"<!doctype html><html><head><title>t</title></head><body><p>b</p></body></html>"
    site.page("/", page)
    site.page("/guarded", page, headers=(("Content-Security-Policy", "script-src 'self'"),))
    for path in ("/", "/guarded"):
        upstream = visitor.get(path)
        parsed = Parsed(upstream.text)
        assert parsed.tags == ["html", "head", "script", "title", "body", "p"]
        assert parsed.comments == 0
        assert [text for text in parsed.texts if text.strip()][-2:] == ["t", "b"]
        values = {item["key"]: item["value"] for item in carried(upstream.content).payload["ofrep"]["flags"]}
        assert {key: values[key] for key in EXPECTED} == EXPECTED
        assert parsed.attributes["script"] == ({} if path == "/" else {"nonce": carried(upstream.content).nonce})


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "shift_jis", ""])
def test_page__of_any_encoding__keeps_its_bytes_and_gets_flags_that_read_right(
    visitor: httpx.Client, site: SiteServer, encoding: str
) -> None:
    parameter = f"; charset={encoding}" if encoding else ""
    document = b"<html><head><title>" + bytes(range(0xA1, 0xC0)) + b"</title></head></html>"
    site.answers["/"] = Answer((document,), headers=(("Content-Type", f"text/html{parameter}"),))
    upstream = visitor.get("/")
    head = carried(upstream.content)
    assert upstream.content == document.replace(b"<head>", b"<head>" + head.element)
    assert head.element.isascii() == (encoding != "utf-8")
    values = {item["key"]: item["value"] for item in head.payload["ofrep"]["flags"]}
    assert {key: values[key] for key in EXPECTED} == EXPECTED


def test_page__in_an_encoding_that_cannot_be_written_into__passes_untouched(
    visitor: httpx.Client, site: SiteServer
) -> None:
    document = "<html><head></head></html>".encode("utf-16")
    site.answers["/"] = Answer((document,), headers=(("Content-Type", "text/html; charset=utf-16"),))
    assert visitor.get("/").content == document
