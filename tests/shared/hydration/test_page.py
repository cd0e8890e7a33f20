"""What goes into a page's head: one inert element, whatever strings it carries."""

import json
import subprocess
from html.parser import HTMLParser

import msgspec
import pytest

from flaghoist.errors import KeyRefused
from flaghoist.hydration import SCRIPT, assignment, head_html
from flaghoist_cli.build.node import node
from tests.published import ADMIN_KEY, CLIENT_KEY, SERVER_KEY

HOSTILE = (
    "</script><script>globalThis.broken=1</script>",
    "<!-- <script>",
    "]]> --> </SCRIPT\n>",
    "\u2028\u2029\u0000\u007f\ufeff",
    "' \" ` \\ \\' \\u003c ${1} \r\n\t",
    "&lt;/script&gt; &amp;",
    "\U0001f6a9 ünïcode",
)
EVERYTHING = "".join(HOSTILE)


class Elements(HTMLParser):
    """Every tag with its attributes, and every text between."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.texts.append(f"comment {data}")


def hostile_bulk(text: str) -> bytes:
    item = {"key": text, "value": {text: [text]}, "reason": text, "variant": text, "metadata": {text: text}}
    return msgspec.json.encode({"flags": [item], "metadata": {"version": text}, text: text})


def ran(statement: bytes) -> dict[str, object]:
    """Return the payload that a statement sets, as a JavaScript engine sees it."""
    program = b"'use strict';%b;console.log(JSON.stringify(globalThis.__FLAGHOIST__))" % statement
    done = subprocess.run([str(node()), "-"], input=program, capture_output=True, check=True)
    payload: dict[str, object] = json.loads(done.stdout)
    return payload


@pytest.mark.parametrize("nonce", ["", "r4nd0m+/-_=="])
def test_head_html__hostile_strings_everywhere__is_one_script_element(nonce: str) -> None:
    page = head_html(
        hostile_bulk(EVERYTHING),
        etag=EVERYTHING,
        context=msgspec.json.encode({EVERYTHING: EVERYTHING}),
        key="fh_client_" + EVERYTHING,
        nonce=nonce,
        signed_context=EVERYTHING,
        base_url=EVERYTHING,
    )
    elements = Elements(b"<head>" + page + b"<title>a</title></head>")
    attributes = {"nonce": nonce} if nonce else {}
    assert [tag for tag, _ in elements.tags] == ["head", "script", "/script", "title", "/title", "/head"]
    assert elements.tags[1] == ("script", attributes)
    assert elements.texts[-1] == "a"
    assert not any(text.startswith("comment") for text in elements.texts)


@pytest.mark.parametrize("text", HOSTILE)
def test_assignment__hostile_text__comes_back_as_itself(text: str) -> None:
    bulk = hostile_bulk(text)
    context = {"targetingKey": text, text: [text]}
    statement = assignment(
        bulk,
        etag=text,
        context=msgspec.json.encode(context),
        key="fh_client_" + text,
        signed_context=text,
        base_url=text,
    )
    assert ran(statement) == {
        "ofrep": json.loads(bulk),
        "etag": text,
        "context": context,
        "key": "fh_client_" + text,
        "signedContext": text,
        "baseUrl": text,
    }
    assert not any(each in statement.decode() for each in "<>&\u2028\u2029\r\n")


def test_assignment__member_named_proto__is_a_member() -> None:
    bulk = b'{"flags":[{"key":"__proto__","value":{"__proto__":{"polluted":true}}}]}'
    statement = assignment(bulk, etag="", context=b'{"__proto__":{"x":1}}', key="")
    payload = ran(statement)
    assert payload["ofrep"] == json.loads(bulk)
    assert payload["context"] == {"__proto__": {"x": 1}}


def test_assignment__nothing_evaluated__says_so_and_names_context_and_key() -> None:
    payload = ran(assignment(b"", etag="", context=b"", key=CLIENT_KEY))
    assert payload == {"ofrep": None, "etag": "", "context": {}, "key": CLIENT_KEY}


def test_assignment__context_on_several_lines__is_still_one_statement() -> None:
    payload = ran(assignment(b"", etag="", context=b'{\r\n "plan":\n "pro"\n}', key=""))
    assert payload["context"] == {"plan": "pro"}


def test_head_html__script__follows_the_payload() -> None:
    page = head_html(b'{"flags":[]}', etag='"e"', context=b"{}", key=CLIENT_KEY).decode()
    assert page.startswith("<script>globalThis.__FLAGHOIST__=JSON.parse('")
    assert page.endswith(SCRIPT + "</script>")


@pytest.mark.parametrize("nonce", ['"><img src=x onerror=alert(1)>', "'a' b=c", "a&quot;b", "a\nb"])
def test_head_html__hostile_nonce__stays_in_its_attribute(nonce: str) -> None:
    elements = Elements(head_html(b"", etag="", context=b"", key="", nonce=nonce))
    assert elements.tags == [("script", {"nonce": nonce}), ("/script", {})]


@pytest.mark.parametrize("key", [SERVER_KEY, ADMIN_KEY, "nonsense"])
def test_head_html__key_that_is_no_client_key__is_refused(key: str) -> None:
    with pytest.raises(KeyRefused, match="only a client key may stand in a page"):
        head_html(b"", etag="", context=b"", key=key)
