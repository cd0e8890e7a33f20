"""Bootstrap bodies in every format that a page or SDK hydrates from."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from shared.answers.calls import Format, KeyKind
from shared.answers.fragments import (
    BOOTSTRAP_MEMBER,
    gather,
    in_script,
    launchdarkly_state,
    value_member,
)
from shared.answers.ofrep import bulk_body
from shared.answers.standings import DEFAULTS, Metadata
from shared.engine.outcome import Outcome

SCRIPT_GLOBAL = "__FLAGHOIST__"
"""The property of ``globalThis`` that ``format=js`` sets to the payload."""

BOOTSTRAP_TTL_SECONDS = 30
"""How long a page may use a bootstrap before it should ask again."""

JSON_TYPE = "application/json"
CONTENT_TYPES: Mapping[Format, str] = {"js": "application/javascript; charset=utf-8"}


class Bootstrap(msgspec.Struct, frozen=True):
    """What every format is written from; ``digest`` is that of the context, ``metadata`` says where it stands."""

    outcomes: Sequence[Outcome]
    kind: KeyKind
    digest: str
    metadata: Metadata


def bootstrap_body(format: Format, bootstrap: Bootstrap) -> bytes:
    """Return the bootstrap in a format."""
    return _WRITERS[format](bootstrap)


def _flaghoist(bootstrap: Bootstrap) -> bytes:
    kind = bootstrap.kind
    return _payload(bootstrap, gather(bootstrap.outcomes, f"flaghoist.{kind}", BOOTSTRAP_MEMBER[kind]))


def _payload(bootstrap: Bootstrap, members: bytes) -> bytes:
    encode, metadata = msgspec.json.encode, bootstrap.metadata
    return b'{"environment":%b,"version":%b,"flags":{%b},"contextDigest":%b,"ttl":%d}' % (
        encode(metadata["environment"]),
        encode(metadata["version"]),
        members,
        encode(bootstrap.digest),
        BOOTSTRAP_TTL_SECONDS,
    )


def _ofrep(bootstrap: Bootstrap) -> bytes:
    return bulk_body(bootstrap.outcomes, bootstrap.kind, bootstrap.metadata)


def _values(bootstrap: Bootstrap) -> bytes:
    return b"{%b}" % gather(bootstrap.outcomes, "values", value_member)


def _launchdarkly(bootstrap: Bootstrap) -> bytes:
    values = gather(bootstrap.outcomes, "values", value_member)
    states = gather(bootstrap.outcomes, "launchdarkly", launchdarkly_state)
    is_valid = b"false" if bootstrap.metadata["level"] == DEFAULTS else b"true"
    return b'{%b%b"$flagsState":{%b},"$valid":%b}' % (values, b"," if values else b"", states, is_valid)


def _script(bootstrap: Bootstrap) -> bytes:
    """Return a script that parses the payload: as a literal, a flag named ``__proto__`` would not show."""
    kind = bootstrap.kind
    member = BOOTSTRAP_MEMBER[kind]
    members = gather(bootstrap.outcomes, f"js.{kind}", lambda outcome: in_script(member(outcome)))
    return b"globalThis.%b=JSON.parse('%b');\n" % (SCRIPT_GLOBAL.encode(), _payload(bootstrap, members))


_WRITERS: Mapping[Format, Callable[[Bootstrap], bytes]] = {
    "flaghoist": _flaghoist,
    "ofrep": _ofrep,
    "launchdarkly": _launchdarkly,
    "values": _values,
    "js": _script,
}
