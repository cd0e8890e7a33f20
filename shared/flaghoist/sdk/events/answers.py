"""The result of sending a batch, and its meaning for the events in it."""

from enum import StrEnum

import msgspec

from flaghoist.protocol.events import EventsAnswer

_OF_THE_BATCH = frozenset({400, 413, 422})
_decode = msgspec.json.Decoder(EventsAnswer).decode


class BatchResponse(msgspec.Struct, frozen=True):
    """An HTTP answer to a batch; ``status`` is 0 without an answer, ``retry_after_seconds`` is the requested wait."""

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
    """A verdict, and the origin's counts if it has accepted the events."""

    verdict: Verdict
    said: EventsAnswer = EventsAnswer()


def judge(answer: BatchResponse, sent: int) -> Judged:
    """Return the meaning of an answer to ``sent`` events.

    A batch is accepted only if the origin accounts for every event; a proxy's answer with status 200 does not count. If
    the batch itself is rejected, send fewer events at a time. Any other failure, a rejected key too, is retried later.
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
