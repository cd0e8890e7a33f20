"""One inline script more under every kind of content security policy, and nothing else let in."""

import pytest

from flaghoist_edge.pages.policies import Policies, admit_script

FRESH = "ZnJlc2g="
ADDED = f"'nonce-{FRESH}'"


def permitted(enforced: str, reported: str = "") -> Policies:
    policies = admit_script(enforced, reported, lambda: FRESH)
    assert policies is not None
    return policies


UNTOUCHED = [
    "",
    "frame-ancestors 'none'",
    "img-src *; style-src 'self' 'unsafe-inline'",
    "script-src 'self' 'unsafe-inline'",
    "default-src 'self' 'unsafe-inline'",
    "script-src 'self'; script-src-elem 'unsafe-inline'",
    "SCRIPT-SRC 'Unsafe-Inline'",
    ", ;",
]


@pytest.mark.parametrize("policy", UNTOUCHED)
def test_policy__that_lets_inline_scripts_run__stays_to_the_letter(policy: str) -> None:
    assert permitted(policy, policy) == Policies(policy, policy)


EXTENDED = [
    ("script-src 'self'", f"script-src 'self' {ADDED}"),
    ("SCRIPT-SRC 'self' https://cdn.example", f"script-src 'self' https://cdn.example {ADDED}"),
    ("script-src-elem 'self'; script-src 'none'", f"script-src-elem 'self' {ADDED}; script-src 'none'"),
    ("default-src 'self'; img-src *", f"default-src 'self'; img-src *; script-src 'self' {ADDED}"),
    ("default-src 'none'; script-src 'self'", f"default-src 'none'; script-src 'self' {ADDED}"),
    ("script-src 'self' 'unsafe-inline' 'sha256-x'", f"script-src 'self' 'unsafe-inline' 'sha256-x' {ADDED}"),
    ("script-src 'unsafe-inline' 'strict-dynamic'", f"script-src 'unsafe-inline' 'strict-dynamic' {ADDED}"),
    ("script-src 'self'; script-src 'unsafe-inline'", f"script-src 'self' {ADDED}; script-src 'unsafe-inline'"),
    ("script-src 'self', script-src https:", f"script-src 'self' {ADDED}, script-src https: {ADDED}"),
    ("script-src 'self', img-src *", f"script-src 'self' {ADDED}, img-src *"),
    (";; script-src\t'self'\n;", f"script-src 'self' {ADDED}"),
    ("script-src 'nonce-'", f"script-src 'nonce-' {ADDED}"),
    ("script-src 'nonce-\"><script>'", f"script-src 'nonce-\"><script>' {ADDED}"),
    (f"script-src 'nonce-{'n' * 257}'", f"script-src 'nonce-{'n' * 257}' {ADDED}"),
]


@pytest.mark.parametrize(("before", "after"), EXTENDED)
def test_policy__that_keeps_inline_scripts_out__gets_the_nonce_where_it_governs_them(before: str, after: str) -> None:
    assert permitted(before) == Policies(after, "", FRESH)
    assert permitted("", before) == Policies("", after, FRESH)


def test_policy__with_a_nonce_of_its_own__is_kept_and_its_nonce_taken() -> None:
    own = "script-src 'nonce-b3du' 'strict-dynamic'; base-uri 'none'"
    assert permitted(own) == Policies(own, "", "b3du")
    assert permitted("script-src 'NONCE-b3du'").nonce == "b3du"
    assert permitted(f"script-src 'nonce-{'n' * 256}=='").nonce == "n" * 256 + "=="


def test_policies__that_differ__agree_on_one_nonce_and_the_enforced_one_decides() -> None:
    policies = permitted("script-src 'self', script-src 'nonce-b3du'", "script-src 'nonce-cmVw'; report-uri /csp")
    assert policies == Policies(
        "script-src 'self' 'nonce-b3du', script-src 'nonce-b3du'",
        "script-src 'nonce-cmVw' 'nonce-b3du'; report-uri /csp",
        "b3du",
    )


def test_policy__that_lets_inline_scripts_run_beside_one_that_does_not__gets_no_nonce() -> None:
    policies = permitted("script-src 'unsafe-inline'", "script-src 'self'")
    assert policies == Policies("script-src 'unsafe-inline'", f"script-src 'self' {ADDED}", FRESH)


FORBIDDING = [
    "script-src 'none'",
    "script-src",
    "default-src 'NONE'; img-src *",
    "script-src 'self', default-src 'none'",
]


@pytest.mark.parametrize("policy", FORBIDDING)
def test_policy__that_forbids_every_script__is_respected(policy: str) -> None:
    assert admit_script(policy, "", lambda: FRESH) is None


def test_policy__that_only_reports_every_script__does_not_report_ours() -> None:
    assert permitted("", "script-src 'none'") == Policies("", f"script-src {ADDED}", FRESH)
