"""The claims of a verified token: a context, its expiry, and its environment."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import ContextRefused, InputError
from flaghoist.model.context import Context
from flaghoist.model.context_checks import check_context, without_edge
from flaghoist.signed.token import read_object
from flaghoist.text import strict_json

LEEWAY_SECONDS = 60
"""Tolerated clock difference of a backend whose clock is ahead: a token that begins now must be accepted."""

_CONTEXT = "$.context"
_END_SECONDS = 253_402_300_800
"""The year 10000: later expiries are cut to it, so that times stay in the range of normal arithmetic."""


class Claims(msgspec.Struct, frozen=True):
    """The claims that are read, others are ignored; ``exp`` and ``nbf`` are seconds since the Unix epoch.

    ``sticky`` maps flags to the variations that the user keeps.
    """

    context: dict[str, object] | None = None
    exp: int | float | None = None
    nbf: int | float | None = None
    aud: str | tuple[str, ...] | None = None
    sticky: dict[str, str] = {}


class VerifiedContext(msgspec.Struct, frozen=True):
    """A verified context with its expiry, and the sticky variations of its user by flag.

    It contains no ``edge`` attributes.
    """

    context: Context
    expires_at_ms: int
    sticky: Mapping[str, str] = {}


def read_claims(payload: bytes, environment: str, now_ms: int) -> VerifiedContext:
    """Return the verified context in the payload of a token, for an environment and a time.

    Raises ContextRefused with reason and remedy, InputError for a context that no request may send.
    """
    tree = read_object(payload, "payload")
    claims = _converted(tree)
    expires_at_ms = _check_times(claims, now_ms)
    _check_audience(claims, environment)
    if claims.context is None:
        raise ContextRefused("the signed context holds no claim `context`: put the user's attributes there")
    context = check_context(tree["context"], _CONTEXT)
    return VerifiedContext(without_edge(context), expires_at_ms, claims.sticky)


def _converted(tree: dict[str, object]) -> Claims:
    try:
        return strict_json.to_struct(tree, Claims)
    except InputError as error:
        raise ContextRefused(f"the signed context claims something malformed, {error}: sign it anew") from None


def _check_times(claims: Claims, now_ms: int) -> int:
    if claims.exp is None:
        raise ContextRefused("the signed context does not say when it expires: give it an `exp`, some minutes ahead")
    if claims.exp * 1000 <= now_ms:
        raise ContextRefused("the signed context has expired: have your backend sign a new one")
    if claims.nbf is not None and (claims.nbf - LEEWAY_SECONDS) * 1000 > now_ms:
        raise ContextRefused("the signed context is not valid yet (nbf): look after the clock of whoever signs it")
    return int(min(claims.exp, _END_SECONDS) * 1000)


def _check_audience(claims: Claims, environment: str) -> None:
    meant = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if meant is not None and environment not in meant:
        raise ContextRefused(f"the signed context is not for environment {environment} (aud): sign one for it")
