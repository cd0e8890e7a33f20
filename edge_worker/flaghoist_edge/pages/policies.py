"""Content security policies: let one more inline script in by a nonce, and nothing else."""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

_GOVERN_SCRIPT_ELEMENTS = ("script-src-elem", "script-src", "default-src")
"""What decides on a `<script>` element; the first that a policy has decides alone."""

_NOTHING = "'none'"
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]{1,256}={0,2})'", re.IGNORECASE)
_MORE_THAN_UNSAFE_INLINE = ("'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")
"""Beside one of these, browsers do not heed ``'unsafe-inline'``."""


class Policies(msgspec.Struct, frozen=True):
    """The policies of an answer as its two headers give them; ``nonce`` is what the inline script carries."""

    enforced: str
    reported: str
    nonce: str = ""


Directive = list[str]
"""Its name in lower case, then its sources."""


def let_in(enforced: str, reported: str, make_nonce: Callable[[], str]) -> Policies | None:
    """Return the policies with a nonce for one inline script, None when an enforced one forbids every script.

    ``enforced`` is the value of ``Content-Security-Policy``, ``reported`` that of ``…-Report-Only``. The page's own
    nonce is taken where it has one. What lets any inline script run stays as it is: there, a nonce would shut the
    page's own scripts out.
    """
    enforcing, reporting = _read(enforced), _read(reported)
    if any(_forbids_all(policy) for policy in enforcing):
        return None
    guarded = [policy for policy in (*enforcing, *reporting) if _needs_nonce(policy)]
    if not guarded:
        return Policies(enforced, reported)
    nonce = next((found for policy in guarded for found in _nonces(policy)), "") or make_nonce()
    for policy in guarded:
        _add_nonce(policy, nonce)
    return Policies(_write(enforcing), _write(reporting), nonce)


def _read(header: str) -> list[list[Directive]]:
    policies = ([part.split() for part in policy.split(";")] for policy in header.split(","))
    return [[[name.lower(), *sources] for name, *sources in filter(None, policy)] for policy in policies if any(policy)]


def _write(policies: Sequence[Sequence[Directive]]) -> str:
    return ", ".join("; ".join(" ".join(directive) for directive in policy) for policy in policies)


def _governing(policy: Sequence[Directive]) -> Directive | None:
    """Return the directive that decides on script elements; of two with one name, browsers heed the first."""
    named = {directive[0]: directive for directive in reversed(policy)}
    return next((named[name] for name in _GOVERN_SCRIPT_ELEMENTS if name in named), None)


def _sources(policy: Sequence[Directive]) -> list[str] | None:
    """Return the sources in lower case of what decides on script elements, None where nothing does."""
    directive = _governing(policy)
    return None if directive is None else [source.lower() for source in directive[1:]]


def _forbids_all(policy: Sequence[Directive]) -> bool:
    return _sources(policy) in ([], [_NOTHING])


def _needs_nonce(policy: Sequence[Directive]) -> bool:
    sources = _sources(policy)
    if sources is None:
        return False
    is_heeded = not any(source.startswith(_MORE_THAN_UNSAFE_INLINE) for source in sources)
    return not (is_heeded and "'unsafe-inline'" in sources)


def _nonces(policy: Sequence[Directive]) -> Iterator[str]:
    found = (_NONCE.fullmatch(source) for source in _governing(policy) or ())
    return (match[1] for match in found if match)


def _add_nonce(policy: list[Directive], nonce: str) -> None:
    """Add the nonce; what stands under ``default-src`` is copied first, for that governs more than scripts."""
    directive = _governing(policy)
    if directive is None or nonce in _nonces(policy):
        return
    if directive[0] == "default-src":
        directive = ["script-src", *directive[1:]]
        policy.append(directive)
    directive[1:] = [*(source for source in directive[1:] if source.lower() != _NOTHING), f"'nonce-{nonce}'"]
