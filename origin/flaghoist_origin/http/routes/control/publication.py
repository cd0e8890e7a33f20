"""Publishing commands for operators: publish now, and make the database's state current again when KV is ahead."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.errors import Conflict
from flaghoist_origin.http.operations.operation import Access, DescribedHandler, operation
from flaghoist_origin.http.operations.parts import written
from flaghoist_origin.http.resources.answers import answer
from flaghoist_origin.http.resources.bodies import read_comment
from flaghoist_origin.http.resources.guard import Visit, Visited, needs
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys.access import Need
from flaghoist_origin.publishing.publisher import Publisher
from flaghoist_origin.publishing.state import PublishReport
from flaghoist_origin.storage.database.records import Author


class PublishDocument(msgspec.Struct, frozen=True):
    """What a publish did; ``version`` reads ``epoch-version``, ``was`` is null where KV held nothing readable."""

    environment: str
    version: str
    was: str | None
    values_written: int
    bytes: int
    shards_written: int
    shards: int
    confirmed_at_ms: int


Action = Callable[[Publisher, str, Author], Awaitable[PublishReport]]


def publication_routes() -> list[BaseRoute]:
    """Return the routes of publishing."""
    return [
        resource(f"{ENVIRONMENT}/publish", POST=needs(Need.PUBLISH, _promise("Publish now")(_handler(_publish)))),
        resource(
            f"{ENVIRONMENT}/recover",
            POST=needs(Need.ADMINISTER, _promise("Raise the epoch above KV's")(_handler(Publisher.recover))),
        ),
    ]


async def _publish(publisher: Publisher, environment: str, _: Author) -> PublishReport:
    return await publisher.publish_now(environment)


def _promise(summary: str) -> Callable[[Visited], DescribedHandler]:
    answers = {200: written(PublishDocument, "What was written.", etag=False)}
    return operation(summary, access=Access.KEY, answers=answers, problems=(409, 500))


def _handler(action: Action) -> Visited:
    async def handle(request: Request, visited: Visit) -> Response:
        publisher = visited.services.publisher
        if publisher is None:
            raise Conflict("this origin publishes nothing: set FLAGHOIST_KV_ACCOUNT, _KV_NAMESPACE and _KV_TOKEN")
        report = await action(publisher, visited.environment, visited.caller.author(read_comment(request)))
        return answer(_document(report), report.version)

    return handle


def _document(report: PublishReport) -> PublishDocument:
    return PublishDocument(
        environment=report.environment,
        version=str(report.version),
        was=str(report.was) if report.was else None,
        values_written=report.values_written,
        bytes=report.bytes,
        shards_written=report.shards_written,
        shards=report.shards,
        confirmed_at_ms=report.confirmed_at_ms,
    )
