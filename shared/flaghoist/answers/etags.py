"""ETags that are known before evaluation and equal on every replica: a hash of all inputs of the answer."""

import re
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from flaghoist.model.context import Context, look_up
from flaghoist.protocol.requests import Format, KeyKind
from flaghoist.snapshot.manifest import Manifest

ANSWER_VERSION = 2
"""Raise this number when equal snapshots and contexts give another value or another body than before."""

_DIGEST_BYTES = 16
_SHORT_DIGEST = 16
_LISTED = re.compile(r'"([^"]*)"')
_encode = msgspec.json.Encoder(order="sorted").encode
_UNASSIGNED: Mapping[str, str] = {}


def fingerprint(manifest: Manifest) -> bytes:
    """Return a hash of the snapshot and of the code version that answers from it."""
    snapshot = (
        ANSWER_VERSION,
        manifest.environment,
        manifest.epoch,
        manifest.version,
        sorted(shard.hash for shard in manifest.shards),
        manifest.attributes,
    )
    return sha256(_encode(snapshot)).digest()


def project(context: Context, attributes: tuple[str, ...], sticky: Mapping[str, str] = _UNASSIGNED) -> bytes:
    """Return the attributes of a context that the snapshot reads, in canonical form; missing and null are equal.

    ``sticky`` assignments follow, if there are any.
    """
    projected = _encode([context[name] if name in context else look_up(context, name) for name in attributes])
    return projected + _encode(sticky) if sticky else projected


def context_digest(projected: bytes) -> str:
    """Return a short hash of what this snapshot reads of the context."""
    return sha256(projected).hexdigest()[:_SHORT_DIGEST]


def entity_tag(snapshot: bytes, kind: KeyKind, format: Format, projected: bytes) -> str:
    """Return the strong, quoted ETag of an answer for a scope and format."""
    digest = sha256(b"%b%b.%b.%b" % (snapshot, kind.encode(), format.encode(), projected)).hexdigest()
    return f'"{digest[: 2 * _DIGEST_BYTES]}"'


def personal_tag(etag: str, context: Context, *asked: str) -> str:
    """Return the ETag of an answer that also contains the caller's request; it must never match another caller's."""
    digest = sha256(b"%b.%b" % (etag.encode(), _encode((asked, context)))).hexdigest()
    return f'"{digest[: 2 * _DIGEST_BYTES]}"'


def is_listed(etag: str, if_none_match: str) -> bool:
    """Return whether an ``If-None-Match`` list contains the ETag, by weak comparison.

    ``*`` does not match, because it does not name the answer that the caller has.
    """
    return bool(if_none_match) and etag[1:-1] in _LISTED.findall(if_none_match)
