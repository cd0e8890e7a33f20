"""Report what was used without ever waiting for it: a bounded queue, a thread that sends, a spool on disk.

``EventQueue`` is what callers hold. The rest, from the caller to the origin: `folding` counts repeated exposures,
`delivery` decides what is sent when, `spool` keeps on disk what cannot be sent, `answers` says what came of it.
"""

from flaghoist.protocol.events import Event, Exposure, Track
from flaghoist.sdk.events.answers import NOBODY, BatchResponse
from flaghoist.sdk.events.folding import new_id
from flaghoist.sdk.events.queue import EventQueue, QueueStatus

__all__ = ["NOBODY", "BatchResponse", "Event", "EventQueue", "Exposure", "QueueStatus", "Track", "new_id"]
