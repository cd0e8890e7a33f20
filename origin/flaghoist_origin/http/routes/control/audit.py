"""The audit log, newest first."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.errors import InputError
from flaghoist_origin.http.operations.operation import Access, Parameter, operation
from flaghoist_origin.http.operations.pages import Page
from flaghoist_origin.http.operations.parts import INSTANT, LIMIT, written
from flaghoist_origin.http.resources.answers import answer
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.pages import read_limit
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.http.resources.times import instant_parameter
from flaghoist_origin.keys.access import Need
from flaghoist_origin.storage.database.records import AuditEntry
from flaghoist_origin.storage.history.audit_log import AuditFilter

CURSOR_DIGITS = 18
AUDIT_CURSOR = Parameter("cursor", "`next` of the page before.", {"type": "string", "pattern": "^[0-9]{1,18}$"})
AUDIT_FILTERS = (
    Parameter("actor", "The name or id of a key.", {"type": "string"}),
    Parameter("action", "What was done, such as `updated`.", {"type": "string"}),
    Parameter("since", "Not before this.", INSTANT),
    Parameter("until", "Before this.", INSTANT),
)
TARGET = Parameter("target", "A path such as `flags/checkout`, or a collection.", {"type": "string"})


def audit_routes() -> list[BaseRoute]:
    """Return the route of the audit log."""
    return [resource(f"{ENVIRONMENT}/audit", GET=needs(Need.INSPECT, _list))]


@operation(
    "List what was done, newest first",
    access=Access.KEY,
    parameters=(LIMIT, AUDIT_CURSOR, TARGET, *AUDIT_FILTERS),
    answers={200: written(Page[AuditEntry], "A page of the audit log.", etag=False)},
    problems=(400,),
)
async def _list(request: Request, visited: Visit) -> Response:
    found = await visited.services.store.audit(
        visited.environment,
        limit=read_limit(request),
        before_id=_cursor(request),
        wanted=_filter(request),
    )
    following = str(found.entries[-1].id) if found.has_more else None
    return answer(Page(found.entries, following), visited.state.record.snapshot_version)


def _filter(request: Request) -> AuditFilter:
    return AuditFilter(
        target=parameter(request, "target"),
        actor=parameter(request, "actor"),
        action=parameter(request, "action"),
        since_ms=instant_parameter(request, "since"),
        until_ms=instant_parameter(request, "until"),
    )


def _cursor(request: Request) -> int | None:
    text = parameter(request, "cursor")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= CURSOR_DIGITS):
        raise InputError.at("cursor", "must be what `next` of the page before says")
    return int(text)
