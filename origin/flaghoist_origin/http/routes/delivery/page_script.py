"""The page script at the origin; `flaghoist.answers` decides the answer."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from flaghoist.answers.page_script import SCRIPT_PATH, page_script
from flaghoist.errors import FlaghoistError
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Request as PlainRequest
from flaghoist_origin.http.operations.evaluation import HELD
from flaghoist_origin.http.operations.operation import Access, Operation, ResponseDescription
from flaghoist_origin.http.resources.resource import DescribedRoute

OPERATION = Operation(
    summary="The script that pages hydrate from",
    access=Access.OPEN,
    parameters=(HELD,),
    answers={
        200: ResponseDescription("The same for everybody.", {"application/javascript": bytes}, ("ETag",)),
        304: ResponseDescription("What the caller holds is current.", headers=("ETag",)),
    },
)


def page_script_routes() -> list[BaseRoute]:
    """Return the script's route; it accepts every method, because the answer decides about methods."""
    return [DescribedRoute(SCRIPT_PATH, PageScript(), {"GET": OPERATION})]


class PageScript:
    """The ASGI application behind the script's route."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        held = {"if-none-match": request.headers.get("if-none-match", "")}
        plain = PlainRequest(request.method, SCRIPT_PATH, "", held, b"")
        try:
            response = preflight(plain) if plain.method == "OPTIONS" else page_script(plain)
        except FlaghoistError as error:
            response = refuse(error, plain)
        await Response(response.body, response.status, headers=dict(response.headers))(scope, receive, send)
