"""Declaration of the change stream: the route is an ASGI application without a handler function to declare it on."""

from collections.abc import Mapping

from flaghoist_origin.http.operations.operation import Access, Operation, Parameter, ResponseDescription
from flaghoist_origin.http.operations.parts import VERSION_SCHEMA

SINCE = Parameter("since", "The version that is held: what came after it is told first.", VERSION_SCHEMA)
LAST_EVENT_ID = Parameter("Last-Event-ID", "The id of the last event that was heard.", VERSION_SCHEMA, "header")
DIALECT = Parameter("dialect", "Another dialect than the key's usual one.", {"enum": ["ofrep", "rules", "notices"]})
STREAM: Mapping[str, Operation] = {
    "GET": Operation(
        summary="Listen to changes, one event per version",
        access=Access.EVALUATION,
        parameters=(DIALECT, SINCE, LAST_EVENT_ID),
        answers={200: ResponseDescription("Server-sent events, without end.", {"text/event-stream": bytes})},
    )
}
