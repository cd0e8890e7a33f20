"""Seeded contexts: an endless series of distinct users with 8 attributes, or with fewer or more."""

from collections.abc import Callable, Iterator
from itertools import count
from random import Random

import msgspec

from flaghoist.model.context import Context
from flaghoist.model.flags import TARGETING_KEY, JsonValue

COUNTRIES = (
    *("DE", "FR", "US", "GB", "JP", "BR", "IN", "CA", "AU", "NL"),
    *("SE", "PL", "ES", "IT", "MX", "KR", "ZA", "NG", "AR", "SG"),
)
PLANS = ("free", "starter", "pro", "business", "enterprise")
PLATFORMS = ("ios", "android", "web", "desktop")
LANGUAGES = ("en", "de", "fr", "es", "ja", "pt", "hi", "it")
DOMAINS = ("example.com", "acme.test", "corp.example.org", "mail.test", "partner.example", "uni.example.edu")
POOL = 10_000
"""Individual targets are drawn from this many first users, so that a thousand visitors include some of them."""

USUAL_ATTRIBUTES = 8
_SPREAD = 2_654_435_761
_NEWEST = (5, 9, 20)

_ATTRIBUTES: tuple[tuple[str, Callable[[Random, int], JsonValue]], ...] = (
    ("email", lambda random, number: f"u{number}@{random.choice(DOMAINS)}"),
    ("country", lambda random, _: random.choice(COUNTRIES)),
    ("plan", lambda random, _: random.choice(PLANS)),
    ("appVersion", lambda random, _: app_version(random)),
    ("platform", lambda random, _: random.choice(PLATFORMS)),
    ("language", lambda random, _: random.choice(LANGUAGES)),
    ("accountAgeDays", lambda random, _: random.randint(0, 3_000)),
    ("beta", lambda random, _: random.random() < 0.1),
)


def user_id(number: int) -> str:
    """Return the id of a user, different for each number and without visible order."""
    return f"user-{(number + 1) * _SPREAD % 2**32:08x}"


def app_version(random: Random) -> str:
    """Return a version of an app, ``1.0.0`` to ``5.9.20``."""
    major, minor, patch = _NEWEST
    return f"{random.randint(1, major)}.{random.randint(0, minor)}.{random.randint(0, patch)}"


def visitor(number: int, attributes: int = USUAL_ATTRIBUTES) -> Context:
    """Return a user's context: the targeting key and so many attributes; those beyond the usual eight are generated."""
    random = Random(number)
    usual = {name: make(random, number) for name, make in _ATTRIBUTES}
    chosen = dict(list(usual.items())[:attributes])
    extra = {f"trait{index:02}": f"value {random.randint(1, 1000)}" for index in range(len(chosen), attributes)}
    return {TARGETING_KEY: user_id(number), **chosen, **extra}


class Bodies:
    """Request bodies of distinct visitors, made once and shared by all subjects."""

    def __init__(self, attributes: int = USUAL_ATTRIBUTES) -> None:
        self._attributes = attributes
        self._made: list[bytes] = []

    def body(self, number: int) -> bytes:
        """Return the request body for the visitor of this number."""
        while len(self._made) <= number:
            context = visitor(len(self._made), self._attributes)
            self._made.append(msgspec.json.encode({"context": context}))
        return self._made[number]

    def each(self, start: int = 0) -> Iterator[bytes]:
        """Yield bodies without end, from the visitor ``start`` on."""
        return (self.body(number) for number in count(start))
