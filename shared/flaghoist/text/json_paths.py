"""Paths into a JSON document, in the form ``$.flags[3].variations["dark mode"]``."""

import json
import re

ROOT = "$"

_PLAIN = re.compile("[A-Za-z0-9_-]{1,64}")
_LONGEST_NAME = 64


def member(path: str, name: str) -> str:
    """Return the path of the member ``name`` of the object at ``path``; a very long name is truncated."""
    if _PLAIN.fullmatch(name):
        return f"{path}.{name}"
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return f"{path}[{json.dumps(shown)}]"


def element(path: str, index: int) -> str:
    """Return the path of the element ``index`` of the array at ``path``."""
    return f"{path}[{index}]"
