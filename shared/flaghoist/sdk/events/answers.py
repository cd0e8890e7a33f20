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


NO_RESPONSE = BatchResponse(0)


class BatchAction(StrEnum):
    """What to do with a batch now."""

    ACCEPTED = "accepted"
    SPLIT = "split"
    RETRY = "retry"


class BatchOutcome(msgspec.Struct, frozen=True):
    """The action, and the origin's counts if it has accepted the events."""

    action: BatchAction
    answer: EventsAnswer = EventsAnswer()


def interpret_response(response: BatchResponse, sent: int) -> BatchOutcome:
    """Return the meaning of an answer to ``sent`` events.

    A batch is accepted only if the origin accounts for every event; a proxy's answer with status 200 does not count. If
    the batch itself is rejected, send fewer events at a time. Any other failure, a rejected key too, is retried later.
    """
    if response.status in _OF_THE_BATCH:
        return BatchOutcome(BatchAction.SPLIT)
    if not 200 <= response.status < 300:
        return BatchOutcome(BatchAction.RETRY)
    try:
        answer = _decode(response.body)
    except (msgspec.MsgspecError, ValueError):
        return BatchOutcome(BatchAction.RETRY)
    accounted = answer.accepted + answer.duplicates + len(answer.refused)
    return BatchOutcome(BatchAction.ACCEPTED, answer) if accounted == sent else BatchOutcome(BatchAction.RETRY)
