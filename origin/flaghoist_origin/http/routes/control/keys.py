"""API keys: listed without their secrets, issued, rotated and revoked. They change no version, but are published."""

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.text import strict_json
from flaghoist_origin.http.operations.operation import JSON, Access, Body, operation
from flaghoist_origin.http.operations.parts import COMMENT, written
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import needs
from flaghoist_origin.http.resources.pages import Page
from flaghoist_origin.http.resources.resource import ENVIRONMENT, answer, resource
from flaghoist_origin.http.resources.times import instant_ms
from flaghoist_origin.keys import keys
from flaghoist_origin.keys.access import Need
from flaghoist_origin.keys.keys import IssuedKey
from flaghoist_origin.services.services import Visit
from flaghoist_origin.storage.database.records import KeyKind, KeyRecord, Role

OVERLAP_SECONDS = 24 * 3600


class KeyDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key as the API gives it; ``key`` is its text, in the answer that issued it and never again."""

    id: str
    kind: KeyKind
    name: str
    created_at_ms: int
    expires_at_ms: int | None
    revoked_at_ms: int | None
    role: Role | None = None
    last_used_at_ms: int | None = None
    key: str = ""


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to issue; an admin key needs a role. ``expires_at`` is RFC 3339 with an offset, or epoch seconds."""

    kind: KeyKind
    name: str
    expires_at: str | int | float | None = None
    role: Role | None = None


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old key stays valid beside the new one."""

    overlap_seconds: int = OVERLAP_SECONDS


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
    key = keys.find(record.keys, request.path_params["id"])
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
    return await _answer_issued(visited, issued)


@operation(
    "Issue a key's successor and let the old one run out",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: Rotation}),
    answers={201: written(KeyDocument, "The new key, with its text: the only time.", etag=False)},
    problems=(400, 409, 413),
)
async def _rotate(request: Request, visited: Visit) -> Response:
    rotation = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), Rotation)
    author = visited.caller.author(read_comment(request))
    issued = await keys.rotate(
        visited.services.store, visited.environment, request.path_params["id"], rotation.overlap_seconds, author
    )
    return await _answer_issued(visited, issued)


@operation(
    "Revoke a key at once",
    access=Access.KEY,
    parameters=(COMMENT,),
    answers={200: written(KeyDocument, "The key as it was.", etag=False)},
    problems=(400, 409),
)
async def _revoke(request: Request, visited: Visit) -> Response:
    author = visited.caller.author(read_comment(request))
    key = await keys.revoke(visited.services.store, visited.environment, request.path_params["id"], author)
    state = await visited.services.environments.refresh(visited.environment)
    return answer(key_document(key), state.record.snapshot_version)


async def _answer_issued(visited: Visit, issued: IssuedKey) -> Response:
    state = await visited.services.environments.refresh(visited.environment)
    body = key_document(issued.record, issued.text)
    headers = {"Cache-Control": "no-store"}
    return answer(body, state.record.snapshot_version, status=HTTPStatus.CREATED, headers=headers)


def key_document(key: KeyRecord, text: str = "", last_used_at_ms: int | None = None) -> KeyDocument:
    """Return a key as the API gives it, with its text if that is known."""
    spans = (key.created_at_ms, key.expires_at_ms, key.revoked_at_ms)
    return KeyDocument(key.id, key.kind, key.name, *spans, key.role, last_used_at_ms, text)
