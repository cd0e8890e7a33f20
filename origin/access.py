"""Who may do what: a request's key is looked up in constant time, and its kind says what it opens."""

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from origin.environment_state import Environments, EnvironmentState
from origin.keys import environment_of, hash_of
from origin.storage.records import Author, KeyKind, KeyRecord
from shared.errors import ActionForbidden, KeyRefused, NotFound


class Need(StrEnum):
    """What a route does with its environment."""

    READ = "read"
    ADMINISTER = "administer"


OPENED_BY: Mapping[Need, frozenset[KeyKind]] = {
    Need.READ: frozenset({"server", "admin"}),
    Need.ADMINISTER: frozenset({"admin"}),
}
BEARER = "bearer "


class Caller(msgspec.Struct, frozen=True):
    """The key that a request came with."""

    key: KeyRecord

    def author(self, comment: str) -> Author:
        """Return the caller as the audit log names it."""
        return Author(self.key.id, self.key.name, comment)


def identify(headers: Mapping[str, str], environments: Environments, now_ms: int) -> Caller:
    """Return who calls, by ``Authorization: Bearer`` or ``X-API-Key``; raise KeyRefused."""
    text = presented_key(headers)
    if not text:
        raise KeyRefused("no key was sent: send one as `Authorization: Bearer fh_…`")
    key = _matching(text, environments)
    if key is None or key.revoked_at_ms is not None:
        raise KeyRefused("this key is not valid: it is unknown or was revoked")
    if not key.is_valid(now_ms):
        raise KeyRefused("this key has expired: use the key that replaced it")
    return Caller(key)


def admit(caller: Caller, environment: str, need: Need, environments: Environments) -> EnvironmentState:
    """Return the environment's state if ``caller`` may do ``need`` there; raise ActionForbidden or NotFound."""
    key = caller.key
    if key.environment != environment:
        environments.get(environment)
        raise ActionForbidden(f"this key is of environment {key.environment}: use one of {environment}")
    if key.kind not in OPENED_BY[need]:
        raise ActionForbidden(f"a {key.kind} key may not do that: use an {' or '.join(sorted(OPENED_BY[need]))} key")
    return environments.get(environment)


def presented_key(headers: Mapping[str, str]) -> str:
    """Return the key's text as sent, or an empty string."""
    authorization = headers.get("authorization", "")
    if authorization[: len(BEARER)].lower() == BEARER:
        return authorization[len(BEARER) :].strip()
    return headers.get("x-api-key", "").strip()


def _matching(text: str, environments: Environments) -> KeyRecord | None:
    environment = environment_of(text)
    if environment is None:
        return None
    try:
        keys = environments.get(environment).record.keys
    except NotFound:
        return None
    return _with_hash(hash_of(text), keys)


def _with_hash(wanted: str, keys: Iterable[KeyRecord]) -> KeyRecord | None:
    """Return the key of this hash; all are compared, so that the time taken tells nothing."""
    matching = None
    for key in keys:
        if hmac.compare_digest(key.hash, wanted):
            matching = key
    return matching
