"""Report used flags without ever blocking the caller: a bounded queue, a thread that sends, a spool on disk.

Callers use ``EventQueue``. The other modules, from the caller to the origin: `folding` counts repeated exposures,
`delivery` decides what is sent when, `spool` stores on disk what cannot be sent, `answers` interprets the origin's
answer.
"""

from flaghoist.protocol.events import Event, Exposure, Track
from flaghoist.sdk.events.answers import NO_RESPONSE, BatchResponse
from flaghoist.sdk.events.folding import new_id
from flaghoist.sdk.events.queue import EventQueue, QueueStatus

__all__ = ["NO_RESPONSE", "BatchResponse", "Event", "EventQueue", "Exposure", "QueueStatus", "Track", "new_id"]
