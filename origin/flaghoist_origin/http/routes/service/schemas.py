"""JSON Schemas, for editors and checkers anywhere: public, and the same for everybody."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.schemas.flag_file import published
from flaghoist_origin.http.operations.operation import Access, ResponseDescription, operation
from flaghoist_origin.http.operations.parts import IF_NONE_MATCH
from flaghoist_origin.http.resources.answers import conditions_of
from flaghoist_origin.http.resources.resource import resource

FLAG_FILE = "/v1/schemas/flag-file.json"
SCHEMA_TYPE = "application/schema+json"
PUBLIC = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
}


def schema_routes() -> list[BaseRoute]:
    """Return the routes of schemas."""
    return [resource(FLAG_FILE, GET=_flag_file)]


@operation(
    "The JSON Schema of a flag file",
    access=Access.OPEN,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: ResponseDescription("JSON Schema, draft 2020-12.", {SCHEMA_TYPE: dict}, ("ETag",)),
        304: ResponseDescription("What the caller holds is current.", headers=("ETag",)),
    },
    problems=(400,),
)
async def _flag_file(request: Request) -> Response:
    body, etag = published()
    headers = {**PUBLIC, "ETag": etag}
    if conditions_of(request).is_unchanged(etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type=SCHEMA_TYPE)
