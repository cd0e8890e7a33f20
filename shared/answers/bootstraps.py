"""Bootstrap bodies in every format that a page or SDK hydrates from."""

from collections.abc import Callable, Mapping

import msgspec

from shared.answers.calls import Format, KeyKind
from shared.answers.etags import context_digest
from shared.answers.fragments import LAUNCHDARKLY_STATES, MEMBERS, OFREP_ITEMS, SCRIPT_MEMBERS, VALUES
from shared.answers.ofrep import bulk_body
from shared.answers.standings import DEFAULTS, Metadata
from shared.bulk.views import View

SCRIPT_GLOBAL = "__FLAGHOIST__"
"""The property of ``globalThis`` that ``format=js`` sets to the payload."""

BOOTSTRAP_TTL_SECONDS = 30
"""How long a page may use a bootstrap before it should ask again."""

JSON_TYPE = "application/json"
CONTENT_TYPES: Mapping[Format, str] = {"js": "application/javascript; charset=utf-8"}


class Bootstrap(msgspec.Struct, frozen=True):
    """What every format is written from: ``render`` gives all flags in a view.

    ``projected`` is what the snapshot reads of the context, ``metadata`` says where the answer stands.
    """

    render: Callable[[View], bytes]
    kind: KeyKind
    projected: bytes
    metadata: Metadata


def bootstrap_body(format: Format, bootstrap: Bootstrap) -> bytes:
    """Return the bootstrap in a format."""
    return _WRITERS[format](bootstrap)


def _flaghoist(bootstrap: Bootstrap) -> bytes:
    return _payload(bootstrap, bootstrap.render(MEMBERS[bootstrap.kind]))


def _payload(bootstrap: Bootstrap, members: bytes) -> bytes:
    encode, metadata = msgspec.json.encode, bootstrap.metadata
    return b'{"environment":%b,"version":%b,"flags":{%b},"contextDigest":%b,"ttl":%d}' % (
        encode(metadata["environment"]),
        encode(metadata["version"]),
        members,
        encode(context_digest(bootstrap.projected)),
        BOOTSTRAP_TTL_SECONDS,
    )


def _ofrep(bootstrap: Bootstrap) -> bytes:
    return bulk_body(bootstrap.render(OFREP_ITEMS[bootstrap.kind]), bootstrap.metadata)


def _values(bootstrap: Bootstrap) -> bytes:
    return b"{%b}" % bootstrap.render(VALUES)


def _launchdarkly(bootstrap: Bootstrap) -> bytes:
    values = bootstrap.render(VALUES)
    states = bootstrap.render(LAUNCHDARKLY_STATES)
    is_valid = b"false" if bootstrap.metadata["level"] == DEFAULTS else b"true"
    return b'{%b%b"$flagsState":{%b},"$valid":%b}' % (values, b"," if values else b"", states, is_valid)


def _script(bootstrap: Bootstrap) -> bytes:
    """Return a script that parses the payload: as a literal, a flag named ``__proto__`` would not show."""
    members = bootstrap.render(SCRIPT_MEMBERS[bootstrap.kind])
    return b"globalThis.%b=JSON.parse('%b');\n" % (SCRIPT_GLOBAL.encode(), _payload(bootstrap, members))


_WRITERS: Mapping[Format, Callable[[Bootstrap], bytes]] = {
    "flaghoist": _flaghoist,
    "ofrep": _ofrep,
    "launchdarkly": _launchdarkly,
    "values": _values,
    "js": _script,
}
