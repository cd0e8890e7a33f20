"""Declaration of event reporting: the route is an ASGI application without a handler function to declare it on."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from flaghoist.limits import EVENTS
from flaghoist.protocol.events import EVENTS_PATH, EventsAnswer
from flaghoist_origin.http.operations.operation import JSON, Access, Body, Operation, ResponseDescription


class EventBatch(msgspec.Struct, frozen=True):
    """What is reported: exposures (schema `Exposure`) and track events (`Track`), judged one by one."""

    events: Annotated[list[Any], msgspec.Meta(max_length=EVENTS.value)]


REPORT: Mapping[str, Operation] = {
    "POST": Operation(
        summary="Report exposures and track events; acknowledged means stored, and ids make repeating harmless",
        access=Access.EVALUATION,
        body=Body({JSON: EventBatch, "text/plain": str}),
        answers={202: ResponseDescription("What became of the events.", {JSON: EventsAnswer})},
        problems=(429,),
    )
}
PATH = EVENTS_PATH
