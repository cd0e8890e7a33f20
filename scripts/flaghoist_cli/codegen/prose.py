"""Descriptions inside generated code: one line of visible characters that cannot end the surrounding comment."""

import unicodedata

MOST_CHARACTERS = 300

_BREAKING = {"Cc", "Zl", "Zp", "Zs", "Cs"}
_INVISIBLE = "Cf"


def one_line(text: str) -> str:
    """Return ``text`` on one line, truncated.

    Invisible characters are removed: they can make a reader see other code than the compiler does.
    """
    visible = "".join(_seen(character) for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1].rstrip() + "…"


def for_docstring(text: str) -> str:
    """Return ``text`` for a docstring between three quotes."""
    line = one_line(text).replace("\\", "\\\\").replace('""', r"\"\"")
    return f'{line[:-1]}\\"' if line.endswith('"') else line


def for_comment(text: str) -> str:
    """Return ``text`` for a TypeScript comment, for use after its beginning."""
    return one_line(text).replace("*/", "*\\/")


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category == _INVISIBLE:
        return ""
    return " " if category in _BREAKING else character
