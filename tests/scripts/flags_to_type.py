"""A flag set of every type, with names and descriptions that make trouble in code."""

from flaghoist.model.flags import FlagSet
from tests.builders import a_flag, a_flagset

HOSTILE = (
    '""" + __import__("os").abort() + """',
    "'''\n\nraise SystemExit(9)\n'''",
    "*/ export default globalThis.pwned = 1; /*",
    "// @ts-nocheck\n@ts-ignore\n# type: ignore",
    "ends in a backslash \\",
    'ends in a quote "',
    "${globalThis.pwned} `` {0} %s \\u0022",
    "\u202eesrever\u2066\u200b \u2028 \u2029 \x85 \x1b[31m \ufeff",
    "</script><script>alert(1)</script>",
    "".join(map(chr, range(1, 0x250))),
)
HOSTILE_KEYS = (
    *("class", "None", "str", "__init__", "__proto__", "_client", "constructor", "-", "..", "2fa", "match"),
    *("new-checkout", "new.checkout", "NewCheckout", "HTTPServer-v2", "self", "default", "context", "Flags"),
)


def every_type() -> FlagSet:
    """Return one flag of each type that clients see, one that they do not, and one that is archived."""
    return a_flagset(
        a_flag("new-checkout").client_visible().described(description="The checkout of one page."),
        a_flag("search-ranking").client_visible().variations("classic", classic="classic", vector="vector"),
        a_flag("page-size").client_visible().variations("few", many=50, few=10),
        a_flag("price-factor").client_visible().variations("full", full=1.0, less=0.5),
        a_flag("home-page")
        .client_visible()
        .variations(
            "plain",
            plain={"columns": 3, "hero": {"title": "Boats", "autoplay": False}, "parts": ["new"], "tip": None},
            story={"columns": 1.5, "hero": {"title": "Sea"}, "parts": [], "tip": {"text": "hi", "a-b": 1}},
        ),
        a_flag("fraud-check").variations("strict", strict="strict", normal="normal"),
        a_flag("old").client_visible().archived(),
    )


def of_hostile_texts() -> FlagSet:
    """Return flags whose every text tries to be code."""
    named = [a_flag(key).client_visible().described(description=HOSTILE[0]) for key in HOSTILE_KEYS]
    valued = [
        a_flag(f"text-{number}").client_visible().described(description=text).variations("a", a=text, b=f"{text}{text}")
        for number, text in enumerate(HOSTILE)
    ]
    objects = [
        a_flag(f"object-{number}")
        .client_visible()
        .variations("a", a={text: text, "__proto__": {text: [text]}, "item": [{"x": 1}]}, b={"item": {"x": "y"}})
        for number, text in enumerate(HOSTILE)
    ]
    return a_flagset(*named, *valued, *objects)
