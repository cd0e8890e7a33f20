"""What came of sending a batch, and what it means for the events in it."""

from enum import StrEnum

import msgspec

from flaghoist.protocol.events import EventsAnswer

_OF_THE_BATCH = frozenset({400, 413, 422})
_decode = msgspec.json.Decoder(EventsAnswer).decode


class BatchResponse(msgspec.Struct, frozen=True):
    """An HTTP answer to a batch; ``status`` is 0 when nobody answered, ``retry_after_seconds`` what the answer said."""

    status: int
    body: bytes = b""
    retry_after_seconds: float = 0.0


NOBODY = BatchResponse(0)


class Verdict(StrEnum):
    """What to do with a batch now."""

    TAKEN = "taken"
    SMALLER = "smaller"
    AGAIN = "again"


class Judged(msgspec.Struct, frozen=True):
    """A verdict, and what the origin said of the events if it has taken them."""

    verdict: Verdict
    said: EventsAnswer = EventsAnswer()


def judge(answer: BatchResponse, sent: int) -> Judged:
    """Return what an answer to ``sent`` events means.

    Taken means that the origin accounts for every event: a proxy's friendly page does not. What refuses the batch
    itself is a reason to send less at a time; anything else, a refused key too, may be better later.
    """
    if answer.status in _OF_THE_BATCH:
        return Judged(Verdict.SMALLER)
    if not 200 <= answer.status < 300:
        return Judged(Verdict.AGAIN)
    try:
        said = _decode(answer.body)
    except (msgspec.MsgspecError, ValueError):
        return Judged(Verdict.AGAIN)
    accounted = said.accepted + said.duplicates + len(said.refused)
    return Judged(Verdict.TAKEN, said) if accounted == sent else Judged(Verdict.AGAIN)
