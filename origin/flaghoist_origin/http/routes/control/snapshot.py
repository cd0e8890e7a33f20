"""The whole environment as one document: read, and replaced at once."""

import asyncio
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist import validation
from flaghoist.limits import SNAPSHOT_BODY_BYTES
from flaghoist.model.flags import Flag, FlagSet, Group, Segment
from flaghoist_origin.control.replacement import replace_all, snapshot_tag
from flaghoist_origin.http.operations.operation import JSON, Access, Body, operation
from flaghoist_origin.http.operations.parts import COMMENT, IF_MATCH, IF_NONE_MATCH, read_answers, written
from flaghoist_origin.http.operations.streams import SINCE
from flaghoist_origin.http.resources.answers import answer, answer_read, conditions_of
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys.access import Need
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.changes_since import changes_since
from flaghoist_origin.serving.since import read_since
from flaghoist_origin.serving.snapshot_document import SnapshotDocument, snapshot_document
from flaghoist_origin.storage.database.records import Collection


class SnapshotAnswer(SnapshotDocument, frozen=True, omit_defaults=True):
    """What a read gives: all of it, or, where it names ``since``, what changed after that version and what is gone."""

    since: str = ""
    removed: Mapping[Collection, tuple[str, ...]] = {}


class SnapshotBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a replacement takes: what GET gives, of which the first three are ignored."""

    flags: tuple[Flag, ...]
    segments: tuple[Segment, ...] = ()
    groups: tuple[Group, ...] = ()
    environment: object = None
    epoch: object = None
    version: object = None


def snapshot_routes() -> list[BaseRoute]:
    """Return the routes of the snapshot."""
    return [resource(f"{ENVIRONMENT}/snapshot", GET=needs(Need.READ, _get), PUT=needs(Need.PUBLISH, _put))]


@operation(
    "Read the whole environment, or what changed since a version",
    access=Access.KEY,
    parameters=(SINCE, IF_NONE_MATCH),
    answers=read_answers(SnapshotAnswer, "All of it, or what changed."),
    problems=(400,),
)
async def _get(request: Request, visited: Visit) -> Response:
    """Return the whole environment, or with ``since`` the changes, as far as the version log reaches back."""
    record, changed = visited.state.record, None
    if (text := parameter(request, "since")) is not None:
        since = read_since(text, record.epoch)
        record = (await visited.services.environments.at_least(record.name, since)).record
        changed = await changes_since(visited.services.store, record, since)
    version = record.snapshot_version
    return answer_read(request, lambda: changed or snapshot_document(record), version, snapshot_tag(version))


@operation(
    "Replace the whole environment",
    access=Access.KEY,
    parameters=(IF_MATCH, IF_NONE_MATCH, COMMENT),
    body=Body({JSON: SnapshotBody}),
    answers={200: written(SnapshotDocument, "As it is now.")},
    problems=(400, 409, 412, 413, 428),
)
async def _put(request: Request, visited: Visit) -> Response:
    conditions, author = conditions_of(request), visited.caller.author(read_comment(request))
    tree = await read_json(request, SNAPSHOT_BODY_BYTES)
    with collection_paused():
        wanted = await asyncio.to_thread(_read, tree)
    writer = visited.services.writer
    written = await writer.commit_edit(
        visited.environment, lambda record: replace_all(record, wanted, conditions), author
    )
    version = written.record.snapshot_version
    return answer(snapshot_document(written.record), version, etag=snapshot_tag(version))


def _read(tree: object) -> FlagSet:
    flagset = validation.read_snapshot(tree)
    validation.validate(flagset)
    return flagset
