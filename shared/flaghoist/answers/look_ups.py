"""Find the exposure in an answer for a single flag: the only kind of answer that counts as an exposure by itself."""

import msgspec

from flaghoist.model.context import unit
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.protocol.requests import EvaluationRequest, Response

_OK = 200


class LookUp(msgspec.Struct, frozen=True):
    """One flag's variation, served to one unit by the snapshot of this version."""

    flag: str
    variant: str
    version: str
    unit: str


class _Metadata(msgspec.Struct, frozen=True):
    version: str = ""


class _Answer(msgspec.Struct, frozen=True):
    key: str
    variant: str | None = None
    metadata: _Metadata = _Metadata()


_decode = msgspec.json.Decoder(_Answer).decode


def look_up_of(question: EvaluationRequest, reply: Response) -> LookUp | None:
    """Return what a single-flag reply served; None if it served no variation, or if the context has no unit."""
    subject = unit(question.context.get(TARGETING_KEY))
    if reply.status != _OK or subject is None:
        return None
    answered = _decode(reply.body)
    if not answered.variant:
        return None
    return LookUp(answered.key, answered.variant, answered.metadata.version, subject)
