"""Content security policies: allow one more inline script by a nonce, and nothing else."""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

_GOVERN_SCRIPT_ELEMENTS = ("script-src-elem", "script-src", "default-src")
"""The directives for a `<script>` element; only the first one in a policy applies."""

_NOTHING = "'none'"
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]{1,256}={0,2})'", re.IGNORECASE)
_MORE_THAN_UNSAFE_INLINE = ("'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")
"""With one of these, browsers ignore ``'unsafe-inline'``."""


class Policies(msgspec.Struct, frozen=True):
    """The policies of an answer from its two headers; ``nonce`` is for the inline script."""

    enforced: str
    reported: str
    nonce: str = ""


Directive = list[str]
"""A directive's name in lower case, then its sources."""


def admit_script(enforced: str, reported: str, make_nonce: Callable[[], str]) -> Policies | None:
    """Return the policies with a nonce for one inline script, None if an enforced one forbids every script.

    ``enforced`` is the value of ``Content-Security-Policy``, ``reported`` that of ``…-Report-Only``. The page's own
    nonce is reused if it has one. A policy that allows any inline script is not changed: a nonce there would block the
    page's own scripts.
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
    """Return the directive for script elements; of two with one name, browsers use the first."""
    named = {directive[0]: directive for directive in reversed(policy)}
    return next((named[name] for name in _GOVERN_SCRIPT_ELEMENTS if name in named), None)


def _sources(policy: Sequence[Directive]) -> list[str] | None:
    """Return the sources, in lower case, of the directive for script elements; None if there is none."""
    directive = _governing(policy)
    return None if directive is None else [source.lower() for source in directive[1:]]


def _forbids_all(policy: Sequence[Directive]) -> bool:
    return _sources(policy) in ([], [_NOTHING])


def _needs_nonce(policy: Sequence[Directive]) -> bool:
    sources = _sources(policy)
    if sources is None:
        return False
    is_followed = not any(source.startswith(_MORE_THAN_UNSAFE_INLINE) for source in sources)
    return not (is_followed and "'unsafe-inline'" in sources)


def _nonces(policy: Sequence[Directive]) -> Iterator[str]:
    found = (_NONCE.fullmatch(source) for source in _governing(policy) or ())
    return (match[1] for match in found if match)


def _add_nonce(policy: list[Directive], nonce: str) -> None:
    """Add the nonce; sources under ``default-src`` are copied first, because it covers more than scripts."""
    directive = _governing(policy)
    if directive is None or nonce in _nonces(policy):
        return
    if directive[0] == "default-src":
        directive = ["script-src", *directive[1:]]
        policy.append(directive)
    directive[1:] = [*(source for source in directive[1:] if source.lower() != _NOTHING), f"'nonce-{nonce}'"]
