"""Bootstrap bodies, in every format from which a page or SDK can start."""

from collections.abc import Callable, Mapping

import msgspec

from flaghoist.answers.etags import context_digest
from flaghoist.answers.fragments import LAUNCHDARKLY_STATES, MEMBERS, OFREP_ITEMS, SCRIPT_MEMBERS, VALUES
from flaghoist.answers.ofrep import bulk_frame
from flaghoist.hydration.escapes import in_script
from flaghoist.hydration.payload import ASSIGNMENT_END, ASSIGNMENT_START, payload_members
from flaghoist.model.context import Context
from flaghoist.protocol.freshness import DEFAULTS, Metadata
from flaghoist.protocol.requests import Format, KeyKind
from flaghoist.rules.views import View

BOOTSTRAP_TTL_SECONDS = 30
"""How long a page may use a bootstrap before it should ask again."""

JSON_TYPE = "application/json"
CONTENT_TYPES: Mapping[Format, str] = {"js": "application/javascript; charset=utf-8"}


class Bootstrap(msgspec.Struct, frozen=True):
    """The input of every bootstrap format: ``render`` gives all flags in a view, between two texts.

    ``projected`` is the part of the context that the snapshot reads, ``metadata`` states freshness, ``streams`` is the
    OFREP member that names the change stream. A script also gets the ETag of the equivalent OFREP body and what the
    caller sent: its context, its key, and the token that signs the context.
    """

    render: Callable[[View, bytes, bytes], bytes]
    kind: KeyKind
    projected: bytes
    metadata: Metadata
    streams: bytes = b""
    ofrep_etag: str = ""
    context: Context = {}
    key: str = ""
    token: str = ""


def bootstrap_body(format: Format, bootstrap: Bootstrap) -> bytes:
    """Return the bootstrap in a format."""
    return _WRITERS[format](bootstrap)


def _flaghoist(bootstrap: Bootstrap) -> bytes:
    return bootstrap.render(MEMBERS[bootstrap.kind], *_payload_frame(bootstrap))


def _payload_frame(bootstrap: Bootstrap) -> tuple[bytes, bytes]:
    """Return the text before and the text after the members in our own format."""
    encode, metadata = msgspec.json.encode, bootstrap.metadata
    standing = (encode(metadata["environment"]), encode(metadata["version"]))
    digest = encode(context_digest(bootstrap.projected))
    return (
        b'{"environment":%b,"version":%b,"flags":{' % standing,
        b'},"contextDigest":%b,"ttl":%d}' % (digest, BOOTSTRAP_TTL_SECONDS),
    )


def _ofrep(bootstrap: Bootstrap) -> bytes:
    return bootstrap.render(OFREP_ITEMS[bootstrap.kind], *bulk_frame(bootstrap.metadata, bootstrap.streams))


def _values(bootstrap: Bootstrap) -> bytes:
    return bootstrap.render(VALUES, b"{", b"}")


def _launchdarkly(bootstrap: Bootstrap) -> bytes:
    values = bootstrap.render(VALUES, b"", b"")
    is_valid = b"false" if bootstrap.metadata["level"] == DEFAULTS else b"true"
    before = b'{%b%b"$flagsState":{' % (values, b"," if values else b"")
    return bootstrap.render(LAUNCHDARKLY_STATES, before, b'},"$valid":%b}' % is_valid)


def _script(bootstrap: Bootstrap) -> bytes:
    """Return a script that parses the payload. In an object literal a flag named ``__proto__`` would be lost."""
    before, after = _payload_frame(bootstrap)
    closing = b"%b%b}" % (after[:-1], in_script(_hydration(bootstrap)))
    end = b"%b%b\n" % (closing, ASSIGNMENT_END)
    return bootstrap.render(SCRIPT_MEMBERS[bootstrap.kind], ASSIGNMENT_START + before, end)


def _hydration(bootstrap: Bootstrap) -> bytes:
    """Return the members that OFREP clients start from, with a leading comma; a page must not contain a server key."""
    if bootstrap.kind != "client":
        return b""
    encode, metadata = msgspec.json.encode, bootstrap.metadata
    is_evaluated = metadata["level"] != DEFAULTS
    return b"," + payload_members(
        b'{"metadata":%b%b}' % (encode(metadata), bootstrap.streams) if is_evaluated else b"",
        etag=bootstrap.ofrep_etag,
        context=encode(bootstrap.context),
        key=bootstrap.key,
        signed_context=bootstrap.token,
    )


_WRITERS: Mapping[Format, Callable[[Bootstrap], bytes]] = {
    "flaghoist": _flaghoist,
    "ofrep": _ofrep,
    "launchdarkly": _launchdarkly,
    "values": _values,
    "js": _script,
}
