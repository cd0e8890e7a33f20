"""Access control: a request's key is looked up in constant time; its kind and role decide what it may do."""

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from flaghoist.errors import ActionForbidden, KeyRefused, NotFound
from flaghoist.protocol.keys import parse_key, sent_key
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.serving.environment_state import EnvironmentState
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import Author, KeyKind, KeyRecord, Role


class Need(StrEnum):
    """What a route needs from its caller in its environment."""

    READ = "read flags"
    INSPECT = "read the audit log and keys"
    MEASURE = "read exposures and tracked events"
    EDIT = "change flags"
    PUBLISH = "publish"
    ADMINISTER = "administer"


# An action without a row is forbidden to everybody.
OF_ROLE: Mapping[Role, frozenset[Need]] = {
    "viewer": frozenset({Need.READ, Need.INSPECT, Need.MEASURE}),
    "editor": frozenset({Need.READ, Need.INSPECT, Need.MEASURE, Need.EDIT}),
    "publisher": frozenset({Need.READ, Need.INSPECT, Need.MEASURE, Need.EDIT, Need.PUBLISH}),
    "owner": frozenset(Need),
}
OF_KIND: Mapping[KeyKind, frozenset[Need]] = {"server": frozenset({Need.READ})}


class Caller(msgspec.Struct, frozen=True):
    """The key of a request."""

    key: KeyRecord

    @property
    def title(self) -> str:
        """Return the caller's name in messages: the role if the key has one, else its kind."""
        return self.key.role or f"{self.key.kind} key"

    def author(self, comment: str) -> Author:
        """Return the caller as the audit log names it."""
        return Author(self.key.id, self.key.name, comment)

    def may(self, need: Need) -> bool:
        """Return whether the key's role, or its kind if it has none, permits ``need``."""
        role = self.key.role
        return need in (OF_ROLE.get(role, frozenset()) if role else OF_KIND.get(self.key.kind, frozenset()))


def identify(headers: Mapping[str, str], environments: Environments, now_ms: int) -> Caller:
    """Return the caller, by ``Authorization: Bearer`` or ``X-API-Key``; raise KeyRefused."""
    text = sent_key(headers)
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
    if not caller.may(need):
        raise ActionForbidden(f"{_with_article(caller.title)} may not {need}: use {_openers(need)}")
    return environments.get(environment)


def _openers(need: Need) -> str:
    """Return who may do ``need``, for messages: ``an admin key of role publisher or owner``."""
    roles = " or ".join(role for role, opened in OF_ROLE.items() if need in opened)
    kinds = "".join(f"{_with_article(kind)} key or " for kind, opened in OF_KIND.items() if need in opened)
    return f"{kinds}an admin key of role {roles}"


def _with_article(title: str) -> str:
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


def _matching(text: str, environments: Environments) -> KeyRecord | None:
    parsed = parse_key(text)
    if parsed is None:
        return None
    try:
        keys = environments.get(parsed.environment).record.keys
    except NotFound:
        return None
    return _with_hash(hash_of(text), keys)


def _with_hash(wanted: str, keys: Iterable[KeyRecord]) -> KeyRecord | None:
    """Return the key of this hash; all are compared, so that the duration reveals nothing."""
    matching = None
    for key in keys:
        if hmac.compare_digest(key.hash, wanted):
            matching = key
    return matching
