"""The whole environment as one document: read, and replaced at once."""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from origin.access import Need
from origin.bodies import read_comment, read_json
from origin.bulk import collection_paused
from origin.replacement import replace_all, snapshot_tag
from origin.routes.guard import needs
from origin.routes.resource import ENVIRONMENT, answer, answer_read, conditions_of, resource
from origin.services import Visit
from origin.storage.records import EnvironmentRecord
from shared import validation
from shared.limits import SNAPSHOT_BODY_BYTES
from shared.model import Flag, FlagSet, Group, Segment, SnapshotVersion


class SnapshotDocument(msgspec.Struct, frozen=True):
    """An environment as the API gives it; lists are sorted by key."""

    environment: str
    epoch: int
    version: int
    flags: tuple[Flag, ...]
    segments: tuple[Segment, ...]
    groups: tuple[Group, ...]


def snapshot_routes() -> list[BaseRoute]:
    """Return the routes of the snapshot."""
    return [resource(f"{ENVIRONMENT}/snapshot", GET=needs(Need.READ, _get), PUT=needs(Need.PUBLISH, _put))]


async def _get(request: Request, visited: Visit) -> Response:
    record = visited.state.record
    version = record.snapshot_version
    return answer_read(request, lambda: snapshot_document(record), version, snapshot_tag(version))


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


def snapshot_document(record: EnvironmentRecord) -> SnapshotDocument:
    """Return an environment as the API gives it."""
    return document_of(record.name, record.snapshot_version, record.flagset)


def document_of(environment: str, version: SnapshotVersion, flagset: FlagSet) -> SnapshotDocument:
    """Return what an environment held at ``version`` as the API gives it."""
    lists = (tuple(flagset.flags.values()), tuple(flagset.segments.values()), tuple(flagset.groups.values()))
    return SnapshotDocument(environment, version.epoch, version.version, *lists)
