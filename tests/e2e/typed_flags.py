"""Flags of every type and for every reason, as the tests of published clients ask for them."""

from flaghoist.model.flags import FlagSet
from tests.builders import FlagBuilder, a_clause, a_flag, a_flagset, a_rollout

OBJECT = {
    "title": "Grüße 🚀 </script>",
    "limit": 3,
    "ratio": 0.25,
    "nested": {"list": [1, None, "two", {"deep": False}]},
}

HOSTILE = (
    "</script><script>alert(1)</script>",
    "quotes \" ' ` and back\\slashes \\u0000",
    "line\nbreak\r\ttab",
    "\u2028\u2029\ufeff",
    "日本 🚀 \U0010ffff",
    "e\u0301 is not é",
    "\u202etfel ot thgir",
    "__proto__",
    "${jndi:ldap://example.invalid/a}",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00%0a%2e",
    " leading and trailing ",
    "x" * 500,
)
"""Strings that break software which quotes, normalises, trims or interpolates; `hostile_flag` matches exactly one."""


def hostile_flag(place: int) -> str:
    """Return the key of the flag that is on for just this one of the hostile strings."""
    return f"hostile-{place}"


def typed_flagset() -> FlagSet:
    """Return the flags: all but ``hidden`` are visible to clients."""
    visible = {
        "bool-static": a_flag("bool-static").on().fallthrough("on"),
        "text-static": a_flag("text-static").on().variations("plain", plain="plain", fancy="Grüße 🚀"),
        "int-static": a_flag("int-static").on().variations("ten", ten=10, most=2**53 - 1).fallthrough("most"),
        "float-static": a_flag("float-static").on().variations("half", half=0.5, tiny=5e-324),
        "float-integral": a_flag("float-integral").on().variations("one", one=1.0, hundred=100.0),
        "object-static": a_flag("object-static").on().variations("empty", empty={}, full=OBJECT).fallthrough("full"),
        "defaulted": a_flag("defaulted").on().target("on", "nobody"),
        "targeted": a_flag("targeted").on().target("on", "ada"),
        "ruled": a_flag("ruled").on().rule("pro-plan", a_clause("plan", "in", "pro"), serve="on"),
        "split": a_flag("split").on().fallthrough(a_rollout(on=100_000, off=0)),
        "disabled": a_flag("disabled").fallthrough("on"),
        "by-org": a_flag("by-org").on().fallthrough(a_rollout(by="org", on=100_000, off=0)),
        **{hostile_flag(place): _for_text(place, text) for place, text in enumerate(HOSTILE)},
    }
    hidden = a_flag("hidden").on().fallthrough("on")
    return a_flagset(*(flag.client_visible() for flag in visible.values()), hidden)


def _for_text(place: int, text: str) -> FlagBuilder:
    return a_flag(hostile_flag(place)).on().rule("same", a_clause("text", "in", text), serve="on")
