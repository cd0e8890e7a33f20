"""Bodies of the OpenFeature Remote Evaluation Protocol."""

from collections.abc import Mapping

import msgspec

from flaghoist.answers.fragments import ofrep_failure, ofrep_success
from flaghoist.model.outcome import ErrorCode, Outcome
from flaghoist.protocol.freshness import Metadata
from flaghoist.protocol.requests import KeyKind

_encode = msgspec.json.encode
_NO_DETAILS: Mapping[str, str] = {}
_STATUS_OF_FAILURE = {ErrorCode.FLAG_NOT_FOUND: 404}


def bulk_frame(metadata: Metadata, streams: bytes = b"") -> tuple[bytes, bytes]:
    """Return the text before and after the joined `OFREP_ITEMS` of all flags; ``streams`` is an additional member."""
    return b'{"flags":[', b'],"metadata":%b%b}' % (_encode(metadata), streams)


def single_answer(outcome: Outcome, kind: KeyKind, metadata: Metadata) -> tuple[int, bytes]:
    """Return status and body for one flag; its metadata is merged with that of the flag and of the snapshot."""
    if outcome.error_code is not None:
        return _STATUS_OF_FAILURE.get(outcome.error_code, 400), ofrep_failure(outcome)
    details = outcome.metadata if kind == "server" else _NO_DETAILS
    return 200, ofrep_success(outcome, _encode({"flagVersion": outcome.flag_version, **details, **metadata}))
