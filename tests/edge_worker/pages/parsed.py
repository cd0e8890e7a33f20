"""What a page carries, read from its bytes: by a parser of HTML, and as JavaScript reads the payload."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_ELEMENT = re.compile(rb'<script(?: nonce="([^"]*)")?>globalThis\.__FLAGHOIST__=JSON\.parse\(\'.*?</script>', re.DOTALL)
_LITERAL = re.compile(rb"globalThis\.__FLAGHOIST__=JSON\.parse\('((?:[^'\\]|\\.)*)'\);", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r"}


@dataclass(frozen=True)
class Head:
    """What was put into a page; ``element`` is empty where nothing was."""

    element: bytes = b""
    nonce: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


def carried(page: bytes) -> Head:
    """Return what was put into a page or a head; at most one element may have been."""
    found = list(_ELEMENT.finditer(page))
    assert len(found) <= 1
    if not found:
        return Head()
    literal = _LITERAL.search(found[0][0])
    assert literal is not None
    return Head(found[0][0], (found[0][1] or b"").decode(), json.loads(_unescaped(literal[1].decode())))


def _unescaped(literal: str) -> str:
    """Return what a JavaScript string literal means; surrogates that stand in two escapes become one character."""
    text = _ESCAPE.sub(
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPED.get(found[1], found[1]), literal
    )
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


class Parsed(HTMLParser):
    """Start tags, attributes of the last element of each name, texts, and how many comments there are."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.texts: list[str] = []
        self.comments = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = dict(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, _data: str) -> None:
        self.comments += 1
