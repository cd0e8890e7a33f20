"""A large, realistic flag set from a seed: what a company's flags look like after some years.

Of the flags 30 % are off, 30 % serve one value, 25 % roll out, 10 % have two or three rules before a rollout, and 5 %
name 50 users each; 80 % are boolean, 12 % string, 4 % float, 4 % object.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.e2e.documents import Document

FULL = 100_000
USERS = 10_000
TARGETS_PER_FLAG = 50
SEGMENT_MEMBERS = 200

KINDS: Mapping[str, float] = {"off": 0.30, "fixed": 0.30, "rollout": 0.25, "rules": 0.10, "targets": 0.05}
TYPES: Mapping[str, float] = {"boolean": 0.80, "string": 0.12, "float": 0.04, "object": 0.04}
COUNTRIES = ("DE", "FR", "US", "GB", "JP", "BR", "IN", "CA", "AU", "NL", "SE", "PL", "ES", "IT", "MX", "KR")
PLANS = ("free", "starter", "pro", "business", "enterprise")
DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "partner.example")
AREAS = ("checkout", "search", "profile", "billing", "onboarding", "dashboard", "editor", "mobile")
THINGS = ("layout", "fast-path", "banner", "limits", "cache", "upsell", "theme", "ranking", "tooltip", "export")


def user(number: int) -> str:
    """Return the id of a user: recognisable as one wherever it turns up."""
    return f"user-{number * 2_654_435_761 % 2**32:08x}"


def flag_mix(count: int, seed: int) -> Document:
    """Return the body of a snapshot with so many flags, and one segment of users."""
    random = Random(seed)
    kinds = [kind for kind, share in KINDS.items() for _ in range(round(count * share))]
    random.shuffle(kinds)
    flags = [_flag(random, place, kind) for place, kind in enumerate(kinds)]
    members = [user(number) for number in random.sample(range(USERS), SEGMENT_MEMBERS)]
    testers = {"key": "testers", "included": members[::2], "excluded": members[1::2], "rules": []}
    clause = {"op": "in_segment", "values": [testers["key"]]}
    flags[0]["rules"] = [{"id": "testers", "clauses": [clause], "serve": {"variation": "v0"}}]
    return {"flags": flags, "segments": [testers], "groups": []}


def contexts(count: int, seed: int) -> list[Document]:
    """Return contexts of users that the flags speak of."""
    random = Random(seed)
    return [
        {
            "targetingKey": user(random.randrange(USERS)),
            "email": f"u{number}@{random.choice(DOMAINS)}",
            "country": random.choice(COUNTRIES),
            "plan": random.choice(PLANS),
            "appVersion": _version(random),
        }
        for number in range(count)
    ]


def _flag(random: Random, place: int, kind: str) -> Document:
    type_ = random.choices(list(TYPES), list(TYPES.values()))[0]
    values = _VALUES[type_](random, place)
    variations = {f"v{number}": value for number, value in enumerate(values)}
    flag: Document = {
        "key": f"{random.choice(AREAS)}-{random.choice(THINGS)}-{place:05}",
        "type": type_,
        "on": kind != "off",
        "variations": variations,
        "off_variation": list(variations)[-1],
        "salt": f"{random.getrandbits(32):08x}",
        "client_visible": True,
        "fallthrough": {"variation": "v0"},
    }
    return {**flag, **_PARTS[kind](random, list(variations))}


def _rollout(random: Random, names: list[str]) -> Document:
    cuts = sorted(random.randrange(1_000, FULL, 1_000) for _ in names[1:])
    bounds = [0, *cuts, FULL]
    weights = [
        {"variation": name, "weight": end - start} for name, start, end in zip(names, bounds, bounds[1:], strict=False)
    ]
    return {"fallthrough": {"rollout": {"by": "targetingKey", "weights": weights}}}


def _rules(random: Random, names: list[str]) -> Document:
    rules = [
        {
            "id": f"r{number}",
            "clauses": [clause(random) for clause in random.sample(_CLAUSES, random.choice((1, 2)))],
            "serve": {"variation": random.choice(names)},
        }
        for number in range(random.choice((2, 3)))
    ]
    return {"rules": rules, **_rollout(random, names)}


def _targets(random: Random, names: list[str]) -> Document:
    keys = [user(number) for number in random.sample(range(USERS), TARGETS_PER_FLAG)]
    return {"targets": [{"variation": names[0], "keys": keys}], "fallthrough": {"variation": names[-1]}}


def _nothing(random: Random, names: list[str]) -> Document:
    return {}


def _version(random: Random) -> str:
    return f"{random.randint(1, 5)}.{random.randint(0, 9)}.{random.randint(0, 20)}"


_CLAUSES: tuple[Callable[[Random], Document], ...] = (
    lambda random: {"attribute": "country", "op": "in", "values": random.sample(COUNTRIES, random.randint(1, 5))},
    lambda random: {"attribute": "plan", "op": "in", "values": random.sample(PLANS, random.randint(1, 2))},
    lambda random: {"attribute": "appVersion", "op": "semver_gte", "values": [_version(random)]},
    lambda random: {"attribute": "email", "op": "ends_with", "values": [f"@{random.choice(DOMAINS)}"]},
)
_PARTS: Mapping[str, Callable[[Random, list[str]], Document]] = {
    "off": _nothing,
    "fixed": _nothing,
    "rollout": _rollout,
    "rules": _rules,
    "targets": _targets,
}
_VALUES: Mapping[str, Callable[[Random, int], list[Any]]] = {
    "boolean": lambda random, place: [True, False],
    "string": lambda random, place: random.sample(("control", "blue", "green", "compact", "large"), 3),
    "float": lambda random, place: random.sample((1.0, 5.0, 10.0, 25.0, 0.5), 3),
    "object": lambda random, place: [{"title": f"{name} {place}", "limit": random.randint(1, 100)} for name in "ABC"],
}
