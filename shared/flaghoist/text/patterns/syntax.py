"""Reject patterns by their text, before the parser of ``re`` sees them.

These would make the parser recurse deeply, warn, or read the text differently in another version.
"""

import re

_DEEPEST_GROUPS = 20

_ESCAPES = {
    "B": "\\B differs between versions of Python: write what may stand on each side",
    "z": "\\z is not known to all versions of Python: write \\Z",
    "N": "named characters differ between versions of Python: write the character itself",
    **dict.fromkeys("123456789", "back-references are refused: write what may repeat, or use several clauses"),
}
_EXTENSIONS = {
    "?=": "look-around is refused: use a second clause",
    "?!": "look-around is refused: use a second clause with negate",
    "?<=": "look-around is refused: match what comes before as well",
    "?<!": "look-around is refused: use a second clause with negate",
    "?P=": "back-references are refused: write what may repeat, or use several clauses",
    "?(": "conditional groups are refused: use alternatives",
    "?>": "atomic groups are refused: use (?:…)",
    "?#": "comments are refused: use the flag's description",
}
_PLAIN_GROUPS = ("?:", "?P<")
_INLINE_FLAGS = "inline flags are refused: a pattern is read without flags; write sets like [Aa]"
_NESTED_SET = "a set in a set is refused: write \\[ for the character"
_SET_OPERATION = "--, &&, ~~ and || in a set are refused: write the second character with a backslash"

_TOKEN = re.compile(r"\\(?P<escape>.)|\[\^?\]?(?P<set>(?:[^\]\\]|\\.)*)\]?|(?P<bracket>[()])|.", re.DOTALL)
_SET_ESCAPE = re.compile(r"\\.", re.DOTALL)
_DOUBLED = re.compile(r"--|&&|~~|\|\|")


def syntax_fault(text: str) -> str | None:
    """Return why ``text`` is rejected for its syntax; None if it is not."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(token["bracket"] or "", 0)
        if depth > _DEEPEST_GROUPS:
            return f"groups are nested deeper than {_DEEPEST_GROUPS}: use fewer"
        fault = _token_fault(token, text)
        if fault is not None:
            return fault
    return None


def _token_fault(token: re.Match[str], text: str) -> str | None:
    if token["escape"] is not None:
        return _ESCAPES.get(token["escape"])
    if token["set"] is not None:
        return _set_fault(token["set"])
    if token["bracket"] == "(":
        return _group_fault(text[token.end() : token.end() + 3])
    return None


def _set_fault(content: str) -> str | None:
    if re.search(r"\\N", content):
        return _ESCAPES["N"]
    plain = _SET_ESCAPE.sub("", content)
    if "[" in plain:
        return _NESTED_SET
    return _SET_OPERATION if _DOUBLED.search(plain) else None


def _group_fault(beginning: str) -> str | None:
    if not beginning.startswith("?") or beginning.startswith(_PLAIN_GROUPS):
        return None
    found = next((fault for extension, fault in _EXTENSIONS.items() if beginning.startswith(extension)), None)
    return found or _INLINE_FLAGS
