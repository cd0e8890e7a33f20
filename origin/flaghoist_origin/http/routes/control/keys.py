"""API keys: listed without their secrets, issued, rotated and revoked. They change no version, but are published."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.text import strict_json
from flaghoist_origin.http.operations.operation import JSON, Access, Body, operation
from flaghoist_origin.http.operations.pages import Page
from flaghoist_origin.http.operations.parts import COMMENT, written
from flaghoist_origin.http.resources.answers import answer
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.keys import (
    KeyDocument,
    Rotation,
    answer_changed,
    answer_issued,
    key_document,
    revoke_key,
    rotate_key,
)
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.http.resources.times import instant_ms
from flaghoist_origin.keys import keys
from flaghoist_origin.keys.access import Need
from flaghoist_origin.storage.database.records import KeyKind, Role


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to issue; an admin key needs a role. ``expires_at`` is RFC 3339 with an offset, or epoch seconds."""

    kind: KeyKind
    name: str
    expires_at: str | int | float | None = None
    role: Role | None = None


def key_routes() -> list[BaseRoute]:
    """Return the routes of keys."""
    path = f"{ENVIRONMENT}/keys"
    return [
        resource(path, GET=needs(Need.INSPECT, _list), POST=needs(Need.ADMINISTER, _issue)),
        resource(path + "/{id}", GET=needs(Need.INSPECT, _get), DELETE=needs(Need.ADMINISTER, _revoke)),
        resource(path + "/{id}/rotate", POST=needs(Need.ADMINISTER, _rotate)),
    ]


@operation(
    "List the keys, without their secrets",
    access=Access.KEY,
    answers={200: written(Page[KeyDocument], "All of them.", etag=False)},
)
async def _list(_: Request, visited: Visit) -> Response:
    record = visited.state.record
    used = await visited.services.key_uses.last()
    items = [key_document(key, last_used_at_ms=used.get(key.id)) for key in record.keys]
    return answer({"items": items, "next": None}, record.snapshot_version)


@operation(
    "Read one key, without its secret", access=Access.KEY, answers={200: written(KeyDocument, "The key.", etag=False)}
)
async def _get(request: Request, visited: Visit) -> Response:
    record = visited.state.record
    key = keys.API_KEYS.find(record.keys, request.path_params["id"])
    used = await visited.services.key_uses.last()
    return answer(key_document(key, last_used_at_ms=used.get(key.id)), record.snapshot_version)


@operation(
    "Issue a key",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: NewKey}),
    answers={201: written(KeyDocument, "The key, with its text: the only time.", etag=False)},
    problems=(400, 413),
)
async def _issue(request: Request, visited: Visit) -> Response:
    tree = await read_json(request, WRITE_BODY_BYTES)
    wanted = strict_json.to_struct(tree, NewKey)
    issued = await keys.issue(
        visited.services.store,
        visited.environment,
        wanted.kind,
        wanted.name,
        role=wanted.role,
        expires_at_ms=instant_ms(wanted.expires_at, "$.expires_at"),
        author=visited.caller.author(read_comment(request)),
    )
    return await answer_issued(visited, key_document(issued.record, issued.text))


@operation(
    "Issue a key's successor and let the old one run out",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: Rotation}),
    answers={201: written(KeyDocument, "The new key, with its text: the only time.", etag=False)},
    problems=(400, 409, 413),
)
async def _rotate(request: Request, visited: Visit) -> Response:
    issued = await rotate_key(request, visited, keys.rotate)
    return await answer_issued(visited, key_document(issued.record, issued.text))


@operation(
    "Revoke a key at once",
    access=Access.KEY,
    parameters=(COMMENT,),
    answers={200: written(KeyDocument, "The key as it was.", etag=False)},
    problems=(400, 409),
)
async def _revoke(request: Request, visited: Visit) -> Response:
    return await answer_changed(visited, key_document(await revoke_key(request, visited, keys.revoke)))
