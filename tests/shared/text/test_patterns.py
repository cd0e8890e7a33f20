"""Patterns: what is refused and why, and that what is not refused finds what `re` finds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.limits import SUBJECT_CHARACTERS
from flaghoist.text import patterns
from flaghoist.text.matching import matcher

FINE = [
    *("", "ü$", "beta", r"@example\.com$", r"^beta-.*-[0-9]+$", r"^\d+\.\d+\.\d+$", r"\d+\.\d+\.\d+\.\d+"),
    *(r"^.*@(foo|bar)\.com$", r".*@example\.com", "foo.*bar", "^foo.*bar.*baz", r"(foo|bar)\d+", r"^\d+(\.\d+)?$"),
    *(r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$", r"[\w.+-]+@[\w-]+\.[a-z]{2,}", "(ab|cd)+", r"\bbeta\b"),
    *("(a{2}){3}", r"(^|,)admin(,|$)", r"https?://[^/]+/.*\.(png|jpe?g)$", r"^/(en|de|fr)(/.*)?$", r"^\s*\S+\s*$"),
    *(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "(?P<name>x)y", "(?:x)", "a*b*c*d", r"[\]\[-]", r"\[\(\\1"),
    *(r"^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+)?$", "[^a]*$", "a{,5}", "x{0}", r"\A[^\W\d]\Z"),
]

REFUSED = {
    "nested repetition": ["(a+)+", "(a*)*b", "(a|b*)*", "(a?){50}", "(a{0,20}){20}", "(.*a){12}", "((a+)b)*", "(a+?)*"],
    "begin with different characters": ["(?:[ab]c|a[cd])+$", "(a|b|ab)*c", r"(\w|xy)*y", "(.|a)+"],
    "may be empty": ["(a|aa)+$", "(a|)*", r"(\b)+", "(^)*", "(a|a)*b", "((a|)b)*"],
    "share characters": ["a*a*a*a*b", "a*a*b", ".*.*b", "foo.*bar.*baz", "a?" * 25 + "a" * 25, "^(.*)-(.*)-(.*)$"],
    "back-references": [r"(a)\1", r"(?P<x>a)(?P=x)", r"(a)(b)\2"],
    "look-around": ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b"],
    "conditional": ["(a)?(?(1)b|c)"],
    "inline flags": ["(?i)a", "(?i:a)", "(?-i:a)", "(?x) a", "a(?m)"],
    "atomic": ["(?>a)"],
    "possessive": ["a++", "a*+", "a?+", "a{1,2}+"],
    "add up to more": ["a{1,1000}", "a{300}b{300}", "(a{30}){30}", "a{513}", "a{0,600}", "(a{99999999}|b)*"],
    "pattern_characters": ["a" * 513, "(" * 600],
    "nested deeper": ["(" * 100 + ")" * 100],
    "a set in a set": ["[[:alpha:]]", "[a[b]"],
    "in a set are refused": ["[a&&b]", "[a--b]", "[a||b]", "[a~~b]"],
    "differs between versions": [r"\B"],
    "not known to all versions": [r"a\z"],
    "named characters": [r"\N{BULLET}", r"[\N{BULLET}]"],
    "comments": ["(?#a)b"],
    "not a pattern": ["[", "(", ")", "*a", "\\", "a{2,1}", r"\q", "(?P<1>a)", "a{99999999999}", "a**", "[b-a]"],
}


@pytest.mark.parametrize("text", FINE)
def test_refusal__pattern_in_everyday_use__is_none(text: str) -> None:
    assert patterns.refusal(text) is None


@pytest.mark.parametrize(("reason", "text"), [(reason, text) for reason, texts in REFUSED.items() for text in texts])
def test_refusal__dangerous_or_foreign__says_why(reason: str, text: str) -> None:
    assert reason in (patterns.refusal(text) or "it is not refused")


@given(st.text() | st.text(r"ab|()[]{}*+?.^$\-,:2d<>=!P"))
def test_refusal__any_text__is_refused_or_compiles(text: str) -> None:
    if patterns.refusal(text) is None:
        re.compile(text)


@given(st.sampled_from(FINE), st.text() | st.text("ab@.-/com19 é", max_size=40))
def test_matcher__fine_pattern__finds_what_re_finds(text: str, subject: str) -> None:
    assert matcher(text, SUBJECT_CHARACTERS.value)(subject) is (re.search(text, subject) is not None)


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("b", "abc", True),
        ("B", "abc", False),
        ("^b", "a\nb", False),
        ("a.b", "a\nb", False),
        (r"^\w+$", "日本語", True),
        ("a$", "a\n", True),
    ],
)
def test_matcher__search__without_flags(text: str, subject: str, expected: bool) -> None:
    assert matcher(text, SUBJECT_CHARACTERS.value)(subject) is expected
