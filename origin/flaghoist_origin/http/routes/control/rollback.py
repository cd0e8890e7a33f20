"""Earlier versions of an environment: read, and restored as a new version."""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist import validation
from flaghoist.errors import InputError
from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist.text import strict_json
from flaghoist_origin.control.replacement import replaced, snapshot_tag
from flaghoist_origin.http.operations.operation import JSON, Access, Body, operation
from flaghoist_origin.http.operations.parts import COMMENT, IF_MATCH, written
from flaghoist_origin.http.resources.answers import answer, conditions_of
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys.access import Need
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.snapshot_document import SnapshotDocument, document_of, snapshot_document
from flaghoist_origin.storage.database.records import Change, EnvironmentRecord

MOST_DIGITS = 18


class Rollback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version's content to put into force again: ``1-12``, or ``12`` for one of the present epoch."""

    to: str


def rollback_routes() -> list[BaseRoute]:
    """Return the routes of earlier versions."""
    return [
        resource(f"{ENVIRONMENT}/versions/{{version}}", GET=needs(Need.INSPECT, _get)),
        resource(f"{ENVIRONMENT}/rollback", POST=needs(Need.PUBLISH, _roll_back)),
    ]


@operation(
    "Read what the environment held at a version",
    access=Access.KEY,
    answers={200: written(SnapshotDocument, "All of it, then.", etag=False)},
    problems=(400,),
)
async def _get(request: Request, visited: Visit) -> Response:
    version = _version(request.path_params["version"], "version", visited)
    flagset = await visited.services.store.flagset_at(visited.environment, version)
    return answer(document_of(visited.environment, version, flagset), visited.state.record.snapshot_version)


@operation(
    "Put an earlier version's content into force again, as a new version",
    access=Access.KEY,
    parameters=(IF_MATCH, COMMENT),
    body=Body({JSON: Rollback}),
    answers={200: written(SnapshotDocument, "As it is now.")},
    problems=(400, 409, 412, 413, 428),
)
async def _roll_back(request: Request, visited: Visit) -> Response:
    conditions = conditions_of(request)
    wanted = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), Rollback)
    version = _version(wanted.to, "$.to", visited)
    author = visited.caller.author(read_comment(request))
    flagset = await visited.services.store.flagset_at(visited.environment, version)
    await _check(flagset)

    def edit(record: EnvironmentRecord) -> Change:
        return replaced(record, flagset, conditions, "rolled_back", {"to": str(version)})

    written = await visited.services.writer.commit_edit(visited.environment, edit, author)
    in_force = written.record.snapshot_version
    return answer(snapshot_document(written.record), in_force, etag=snapshot_tag(in_force))


async def _check(flagset: FlagSet) -> None:
    """Check that an earlier state is valid by today's rules."""
    with collection_paused():
        await asyncio.to_thread(validation.validate, flagset)


def _version(text: str, path: str, visited: Visit) -> SnapshotVersion:
    version = SnapshotVersion.parse(text, visited.state.record.epoch, most_digits=MOST_DIGITS)
    if version is None:
        raise InputError.at(path, "must be a version such as 1-12, or 12 for one of the present epoch")
    return version
