"""The small pools that flag sets and contexts both draw from, so that clauses, lists and draws often meet a context."""

from tests.plain.bucketing import BUCKET_BY

FLAG_KEYS = ("alpha", "Beta", "c-3", "d.4", "e_5", "zeta10")
SEGMENT_KEYS = ("staff", "testers", "banned")
GROUP_KEYS = ("layer", "layer-2")
VARIATIONS = ("a", "b", "c")
SALTS = ("s", "t.1", "")

# Units, and what is none but may be compared like any attribute.
UNITS: tuple[str | int, ...] = ("ada", "bob", "42", 42, "日本 🚀", "é", "7.0", -7)
NO_UNITS: tuple[object, ...] = ("", 42.0, 42.5, True, False, None, [], ["ada"], {"id": "ada"})

TEXTS = ("pro", "free", "Pro", "de", "fr", "beta", "", "é", "e\u0301", "</script>", "1", "true", "p.o")
NUMBERS = (0, 1, 1.0, -0.0, 2.5, 42, 42.0, -7, 9007199254740991, 9007199254740990, 1e308, 5e-324)
VERSIONS = (
    "1", "1.0.0", "1.0", "2.1.0", "2.1.0-rc.1", "2.1.0-rc.2", "2.1.0-rc.11", "2.1.0-rc", "2.1-Rc",
    "2.1.0+build.7", "2.10.0", "10.0.0-0a", "99999999999999999999.0.0",
)  # fmt: skip
NO_VERSIONS = ("v2.1.0", "02.1.0", "2.1.0-01", "2.1.0.0", "2.1.0-", "\u0662.1.0", "2.1.0\n", "")
INSTANTS = (
    0, -1, 1748779200, 1748779200.5, "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z",
    "2025-06-01T12:00:00Z", "2025-06-01t14:00:00+02:00", "2025-06-01T06:29:59.5-05:30",
    "2025-06-01T11:00:00-01:00", "2025-06-01T10:00:00-01:00", "2016-12-31T23:59:60Z",
    "2024-02-29T00:00:00-00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
)  # fmt: skip
NO_INSTANTS = ("2025-06-01", "2025-06-01T12:00:00", "2025-02-29T00:00:00Z", "2025-06-01T24:00:00Z", "1748779200")
ADDRESSES = (
    "10.1.2.3", "10.255.255.255", "11.0.0.0", "192.0.2.1", "::1", "2001:db8::1", "2001:DB8:0:0:0:0:0:1",
    "::ffff:10.1.2.3", "::ffff:a01:203",
)  # fmt: skip
NO_ADDRESSES = ("10.1.2", "010.1.2.3", "10.0.0.0/8", "localhost", "fe80::1%eth0", "2001:db8:::1")
NETWORKS = (
    "10.0.0.0/8", "10.1.2.3", "10.1.2.3/31", "0.0.0.0/0", "192.0.2.0/25", "::/0", "2001:db8::/32",
    "2001:db8::1", "::ffff:0:0/96",
)  # fmt: skip
PATTERNS = ("^p", "[0-9]+", "^(de|fr)$", "o$", "^$", "p.o", "(?:be|ta)+$", "^[^é]*$", "script>", "^\\w+$", "\\d", "a b")

# What careless comparison takes for one another.
ALIKE = (1, True, 1.0, "1", 0, False, -0.0, "0", "")

TEXT_ATTRIBUTES = ("plan", "country", "user.role", "edge.country")
NUMBER_ATTRIBUTES = ("age", "user.score")
UNIT_ATTRIBUTES = ("targetingKey", "org", "user.id")
ATTRIBUTES = (
    *TEXT_ATTRIBUTES, *NUMBER_ATTRIBUTES, *UNIT_ATTRIBUTES, "app.version", "since", "ip", "user", "plan.0", "nowhere",
)  # fmt: skip

ANYTHING = (*TEXTS, *NUMBERS, *ALIKE, *VERSIONS[:3], *INSTANTS[:5], *ADDRESSES[:3])

_FULL = 100_000
_ROUND = (0, 1, 20_000, 50_000, 99_999, _FULL)


def cuts(algorithm: str, salt: str, key: str) -> tuple[int, ...]:
    """Return where to cut the buckets: at round numbers, and just before and after the buckets of known units."""
    drawn = [BUCKET_BY[algorithm](salt, key, str(unit)) for unit in UNITS]
    return tuple(sorted({*_ROUND, *drawn, *(each + 1 for each in drawn)}))


ALGORITHMS = tuple(BUCKET_BY)
CUTS = {
    (algorithm, salt, key): cuts(algorithm, salt, key)
    for algorithm in ALGORITHMS
    for salt in SALTS
    for key in (*FLAG_KEYS, *GROUP_KEYS)
}
