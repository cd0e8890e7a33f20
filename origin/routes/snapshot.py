"""The whole environment as one document: read, and replaced at once."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from origin.access import Need
from origin.bodies import read_comment, read_json
from origin.bulk import collection_paused
from origin.changes_since import changes_since
from origin.replacement import replace_all, snapshot_tag
from origin.routes.guard import needs
from origin.routes.resource import ENVIRONMENT, answer, answer_read, conditions_of, parameter, resource
from origin.services import Visit
from origin.since import read_since
from origin.snapshot_document import snapshot_document
from shared import validation
from shared.limits import SNAPSHOT_BODY_BYTES
from shared.model import FlagSet


def snapshot_routes() -> list[BaseRoute]:
    """Return the routes of the snapshot."""
    return [resource(f"{ENVIRONMENT}/snapshot", GET=needs(Need.READ, _get), PUT=needs(Need.PUBLISH, _put))]


async def _get(request: Request, visited: Visit) -> Response:
    """Answer all of it, or with ``since`` what changed, as far as the version log reaches back."""
    record, changed = visited.state.record, None
    if (text := parameter(request, "since")) is not None:
        since = read_since(text, record.epoch)
        await visited.services.streams.reached(record.name, since)
        record = visited.services.environments.get(record.name).record
        changed = await changes_since(visited.services.store, record, since)
    version = record.snapshot_version
    return answer_read(request, lambda: changed or snapshot_document(record), version, snapshot_tag(version))


async def _put(request: Request, visited: Visit) -> Response:
    conditions, author = conditions_of(request), visited.caller.author(read_comment(request))
    tree = await read_json(request, SNAPSHOT_BODY_BYTES)
    with collection_paused():
        wanted = await asyncio.to_thread(_read, tree)
    writer = visited.services.writer
    written = await writer.write(visited.environment, lambda record: replace_all(record, wanted, conditions), author)
    version = written.record.snapshot_version
    return answer(snapshot_document(written.record), version, etag=snapshot_tag(version))


def _read(tree: object) -> FlagSet:
    flagset = validation.read_snapshot(tree)
    validation.validate(flagset)
    return flagset
