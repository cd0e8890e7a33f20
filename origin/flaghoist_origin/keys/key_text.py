"""The text of an API key, ``fh_<kind>_<environment>_<secret>``: made, read, and hashed for storage."""

import re
import secrets
import string
from hashlib import sha256

from flaghoist_origin.storage.database.records import KeyKind

ALPHABET = string.digits + string.ascii_letters
SECRET_BITS = 256
SECRET_CHARACTERS = 43  # the least number of letters and digits for 256 bits
TEXT = re.compile(r"fh_(client|server|admin)_([a-z0-9-]{1,64})_[0-9A-Za-z]{43}")


def environment_of(text: str) -> str | None:
    """Return the environment that a well-formed key names, None for anything else."""
    found = TEXT.fullmatch(text)
    return found[2] if found else None


def hash_of(text: str) -> str:
    """Return the stored form of a key: the hex SHA-256 of its text, which is enough for 256 random bits."""
    return sha256(text.encode()).hexdigest()


def key_text(kind: KeyKind, environment: str, secret: str) -> str:
    """Return the text of the key that has this secret."""
    return f"fh_{kind}_{environment}_{secret}"


def new_secret() -> str:
    """Return 256 random bits as 43 letters and digits."""
    number = secrets.randbits(SECRET_BITS)
    digits = []
    for _ in range(SECRET_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
