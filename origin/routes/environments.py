"""Environments: the one that a key opens, and where it stands."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from origin.access import Need
from origin.replacement import snapshot_tag
from origin.routes.guard import needs
from origin.routes.pages import Page
from origin.routes.resource import ENVIRONMENT, answer, answer_read, resource
from origin.services import Visit
from origin.storage.records import EnvironmentRecord


class EnvironmentDocument(msgspec.Struct, frozen=True):
    """An environment as the API gives it, with the number of its entities."""

    name: str
    epoch: int
    version: int
    committed_at_ms: int
    flags: int
    segments: int
    groups: int


def environment_routes() -> list[BaseRoute]:
    """Return the routes of environments."""
    return [
        resource("/api/v1/environments", GET=needs(Need.READ, _list)),
        resource(ENVIRONMENT, GET=needs(Need.READ, _get)),
    ]


async def _list(_: Request, visited: Visit) -> Response:
    record = visited.state.record
    return answer(Page((_document(record),), None), record.snapshot_version)


async def _get(request: Request, visited: Visit) -> Response:
    record = visited.state.record
    version = record.snapshot_version
    return answer_read(request, lambda: _document(record), version, snapshot_tag(version))


def _document(record: EnvironmentRecord) -> EnvironmentDocument:
    flagset = record.flagset
    counts = (len(flagset.flags), len(flagset.segments), len(flagset.groups))
    return EnvironmentDocument(record.name, record.epoch, record.version, record.committed_at_ms, *counts)
