"""Flags, segments and groups: lists, and one entity read, put, patched and removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.model.flags import Flag, FlagSet
from flaghoist_origin.control import edits
from flaghoist_origin.control.edits import Place
from flaghoist_origin.control.entities import COLLECTIONS
from flaghoist_origin.control.preconditions import Preconditions
from flaghoist_origin.control.replacement import snapshot_tag
from flaghoist_origin.control.writes import Edit, WriteResult
from flaghoist_origin.http.operations.entities import entity_operations
from flaghoist_origin.http.operations.operation import DescribedHandler
from flaghoist_origin.http.resources.answers import answer, answer_read, conditions_of
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.pages import page_of, read_switch
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.problems import UnsupportedMediaType
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys.access import Need
from flaghoist_origin.storage.database.records import Collection, Entity

DEPENDENTS_HEADER = "Flaghoist-Dependents"
MOST_DEPENDENTS = 50
# The last one is the default of `curl -d`.
PATCH_TYPES = frozenset({"", "application/merge-patch+json", "application/json", "application/x-www-form-urlencoded"})


def entity_routes() -> list[BaseRoute]:
    """Return the routes of all three collections."""
    return [route for collection in COLLECTIONS for route in _EntityRoutes(collection).routes()]


@dataclass(frozen=True)
class _EntityRoutes:
    collection: Collection

    def routes(self) -> list[BaseRoute]:
        path = f"{ENVIRONMENT}/{self.collection}"
        handlers = {"LIST": self.list, "GET": self.get, "PUT": self.put, "PATCH": self.patch, "DELETE": self.delete}
        operations = entity_operations(self.collection)
        described = {method: DescribedHandler(handlers[method], operations[method]) for method in handlers}
        writes = {method: needs(Need.EDIT, described[method]) for method in ("PUT", "PATCH", "DELETE")}
        one = resource(path + "/{key}", GET=needs(Need.READ, described["GET"]), **writes)
        return [resource(path, GET=needs(Need.READ, described["LIST"])), one]

    async def list(self, request: Request, visited: Visit) -> Response:
        record = visited.state.record
        found = _filtered(request, edits.entities_of(record.flagset, self.collection).values())
        page = page_of(request, found)
        return answer_read(request, lambda: page, record.snapshot_version, snapshot_tag(record.snapshot_version))

    async def get(self, request: Request, visited: Visit) -> Response:
        record = visited.state.record
        entity = edits.find(record.flagset, self._place(request))
        return answer_read(request, lambda: entity, record.snapshot_version, edits.entity_tag(entity))

    async def put(self, request: Request, visited: Visit) -> Response:
        place, conditions = self._begin(request)
        document = await read_json(request, WRITE_BODY_BYTES)
        entity = edits.read_document(place, document)
        written = await _write(request, visited, lambda record: edits.put(record, place, entity, conditions))
        return _answer_write(written, place)

    async def patch(self, request: Request, visited: Visit) -> Response:
        place, conditions = self._begin(request)
        _refuse_other_patches(request)
        document = await read_json(request, WRITE_BODY_BYTES)
        written = await _write(request, visited, lambda record: edits.patch(record, place, document, conditions))
        return _answer_write(written, place)

    async def delete(self, request: Request, visited: Visit) -> Response:
        place, conditions = self._begin(request)
        written = await _write(request, visited, lambda record: edits.remove(record, place, conditions))
        return _answer_write(written, place)

    def _begin(self, request: Request) -> tuple[Place, Preconditions]:
        return self._place(request), conditions_of(request)

    def _place(self, request: Request) -> Place:
        return Place(self.collection, request.path_params["key"])


async def _write(request: Request, visited: Visit, edit: Edit) -> WriteResult:
    author = visited.caller.author(read_comment(request))
    return await visited.services.writer.commit_edit(visited.environment, edit, author)


def _answer_write(written: WriteResult, place: Place) -> Response:
    """Return the present entity, or the removed one."""
    flagset, version = written.record.flagset, written.record.snapshot_version
    entity = edits.entities_of(flagset, place.collection).get(place.key)
    if entity is None:
        return answer(written.change.entities[0].before, version)
    status = HTTPStatus.CREATED if written.is_created else HTTPStatus.OK
    etag, named = edits.entity_tag(entity), _dependents(flagset, entity)
    return answer(entity, version, etag=etag, status=status, headers=named)


def _dependents(flagset: FlagSet, entity: Entity) -> dict[str, str]:
    """Name the flags whose prerequisite can no longer be satisfied because this flag was archived."""
    if not isinstance(entity, Flag) or not entity.archived:
        return {}
    keys = edits.dependents(flagset, entity.key)
    return {DEPENDENTS_HEADER: ", ".join(keys[:MOST_DEPENDENTS])} if keys else {}


def _filtered(request: Request, entities: Iterable[Entity]) -> Iterable[Entity]:
    archived, tag = read_switch(request, "archived"), parameter(request, "tag")

    def is_wanted(entity: Entity) -> bool:
        if not isinstance(entity, Flag):
            return True
        return archived in {None, entity.archived} and (tag is None or tag in entity.tags)

    return filter(is_wanted, entities)


def _refuse_other_patches(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in PATCH_TYPES:
        raise UnsupportedMediaType(
            f"{media_type} is no merge patch: send a JSON object as application/merge-patch+json"
        )
