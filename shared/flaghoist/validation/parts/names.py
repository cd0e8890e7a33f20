"""Names of flags, segments, groups, variations and environments, and the choices that messages list."""

import re
from collections.abc import Iterable

from flaghoist.errors import InputError
from flaghoist.limits import FLAG_KEY_CHARACTERS, IDENTIFIER_CHARACTERS
from flaghoist.model.flags import Flag
from flaghoist.validation.parts.faults import Faults

_KEY = re.compile("[A-Za-z0-9._-]+")
_ENVIRONMENT = re.compile("[a-z0-9-]{1,64}")
_MOST_CHOICES = 10


def check_environment_name(name: str, path: str = "$") -> str:
    """Return ``name`` if it is a valid name of an environment, else raise InputError."""
    if not _ENVIRONMENT.fullmatch(name):
        raise InputError.at(path, "an environment name is 1 to 64 characters of a-z, 0-9 and '-'")
    return name


def check_key(key: str, path: str, faults: Faults) -> None:
    """Record a fault if ``key`` cannot be the key of a flag, segment or group."""
    if not _KEY.fullmatch(key):
        faults.add_fault(path, "a key is 1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-'")
    else:
        faults.check_limit(FLAG_KEY_CHARACTERS, len(key), path)


def check_variation_name(name: str, path: str, faults: Faults) -> None:
    """Record a fault if ``name`` cannot be the name of a variation."""
    if not name:
        faults.add_fault(path, "a variation's name is empty: give it one")
    faults.check_limit(FLAG_KEY_CHARACTERS, len(name), path)


def check_variation_exists(flag: Flag, variation: str, path: str, faults: Faults) -> None:
    """Record a fault if ``flag`` has no ``variation``."""
    if variation not in flag.variations:
        have = choices(flag.variations) or "none"
        faults.add_fault(path, f"variation '{variation[:128]}' does not exist; the flag has {have}")


def check_identifier(text: str, what: str, path: str, faults: Faults) -> None:
    """Record a fault if ``text`` is empty or too long; ``what`` is its name in the message."""
    if not text:
        faults.add_fault(path, f"{what} is empty: give it one")
    faults.check_limit(IDENTIFIER_CHARACTERS, len(text), path)


def choices(names: Iterable[str]) -> str:
    """Return a few of ``names`` as ``'on', 'off'`` for a message."""
    listed = list(names)
    shown = ", ".join(f"'{name}'" for name in listed[:_MOST_CHOICES])
    rest = len(listed) - _MOST_CHOICES
    return f"{shown} and {rest} more" if rest > 0 else shown
