"""Flags whose every text tries to get out of the page that carries it."""

from flaghoist.model.flags import JsonValue
from tests.builders import FlagBuilder, a_flag

ALARM = "globalThis.alarm=1"
TEXTS = (
    f"</script><script>{ALARM}</script>",
    f"</SCRIPT ><img src=x onerror={ALARM}>",
    f"<!--<script>{ALARM}",
    f"--><script>{ALARM}</script>",
    f"'); {ALARM}; ('",
    f'"); {ALARM}; ("',
    f"\\'); {ALARM}; //",
    f"\u2028{ALARM}\u2029",
    f"\r\n{ALARM}\r\n",
    "]]>\x00\ufeff\x7f",
    f"${{{ALARM}}} `{ALARM}`",
    "&lt;/script&gt;&quot;",
    "naïve 日本 😀",
)
EVERYTHING = "".join(TEXTS)


def _hostile_flag(number: int, text: str) -> FlagBuilder:
    """Return a flag with a hostile key, variation and value; the value also stands deep inside an object."""
    value: JsonValue = {text: [text, {"__proto__": text, "constructor": text}]}
    return a_flag(f"{number}{text}").on().client_visible().variations(text, **{text: value}).fallthrough(text)


HOSTILE_FLAGS = tuple(_hostile_flag(number, text) for number, text in enumerate((*TEXTS, EVERYTHING)))
EXPECTED = {built.flag.key: next(iter(built.flag.variations.values())) for built in HOSTILE_FLAGS}
"""The value of each flag."""
