"""The secret of an API key: 256 random bits, of which only a hash is stored."""

import secrets
import string
from hashlib import sha256

from flaghoist.protocol.keys import SECRET_CHARACTERS

ALPHABET = string.digits + string.ascii_letters
SECRET_BITS = 256


def hash_of(text: str) -> str:
    """Return the stored form of a key: the hex SHA-256 of its text, which is enough for 256 random bits."""
    return sha256(text.encode()).hexdigest()


def new_secret() -> str:
    """Return 256 random bits as letters and digits."""
    number = secrets.randbits(SECRET_BITS)
    digits = []
    for _ in range(SECRET_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
