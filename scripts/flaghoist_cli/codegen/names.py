"""Names in code for the keys of flags: valid, stable, and unique."""

import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import msgspec

Form = Callable[[str], str]

_WORD = re.compile("[A-Za-z0-9]+")
_HUMP = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SUFFIXES = (6, 12, 64)
_TAKEN = frozenset({"bool", "dict", "float", "int", "list", "str"})
"""Types in generated signatures: a method of that name would shadow them in its class."""


class Names(msgspec.Struct, frozen=True):
    """The name of each key, and the groups of keys whose names would have been equal."""

    of: Mapping[str, str]
    clashes: tuple[tuple[str, ...], ...] = ()


def snake(key: str) -> str:
    """Return a key as the name of a Python function: ``new-checkout`` is ``new_checkout``, ``2fa`` is ``flag_2fa``."""
    name = "_".join(_words(key)).lower() or "flag"
    if name[0].isdigit():
        return f"flag_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def pascal(key: str) -> str:
    """Return a key as the name of a class: ``new-checkout`` is ``NewCheckout``, ``2fa`` is ``Flag2fa``."""
    name = "".join(word[0].upper() + word[1:] for word in _words(key)) or "Flag"
    return f"Flag{name}" if name[0].isdigit() else name


def distinct(keys: Iterable[str], form: Form) -> Names:
    """Return a unique name for each key, in ``form``.

    If several keys would share a name, all of them get a piece of their hash and none gets the plain name. So code that
    used the plain name must choose one of them, and a new key never takes over another one's name.
    """
    chosen = {key: form(key) for key in keys}
    first = _clashes(chosen)
    found = first
    for digits in _SUFFIXES:
        for key in (key for group in found for key in group):
            chosen[key] = f"{form(key)}_{sha256(key.encode()).hexdigest()[:digits]}"
        found = _clashes(chosen)
    return Names(chosen, first)


def _clashes(chosen: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    counted = Counter(chosen.values())
    shared = sorted(name for name, count in counted.items() if count > 1)
    return tuple(tuple(sorted(key for key in chosen if chosen[key] == name)) for name in shared)


def _words(key: str) -> list[str]:
    return [word for piece in _WORD.findall(key) for word in _HUMP.split(piece)]
