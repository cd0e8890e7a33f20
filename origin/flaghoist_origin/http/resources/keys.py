"""What the routes of API keys and signing keys share: rotate and revoke, and answers after a change of keys."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.text import strict_json
from flaghoist_origin.http.resources.answers import answer
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit
from flaghoist_origin.storage.database.records import Author, KeyKind, KeyRecord, Role
from flaghoist_origin.storage.environments.keys import KeyStorage

T = TypeVar("T")
OVERLAP_SECONDS = 24 * 3600
Rotate = Callable[[KeyStorage, str, str, int, Author], Awaitable[T]]
"""Takes store, environment, id of the key, overlap in seconds and author; returns the issued successor."""
Revoke = Callable[[KeyStorage, str, str, Author], Awaitable[T]]
"""Takes store, environment, id of the key and author; returns the revoked key."""


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


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old key stays valid beside the new one."""

    overlap_seconds: int = OVERLAP_SECONDS


def key_document(key: KeyRecord, text: str = "", last_used_at_ms: int | None = None) -> KeyDocument:
    """Return a key as the API gives it, with its text if that is known."""
    spans = (key.created_at_ms, key.expires_at_ms, key.revoked_at_ms)
    return KeyDocument(key.id, key.kind, key.name, *spans, key.role, last_used_at_ms, text)


async def rotate_key(request: Request, visited: Visit, rotate: Rotate[T]) -> T:
    """Rotate the key that the path names as the body, a `Rotation`, asks; return its successor."""
    rotation = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), Rotation)
    author = visited.caller.author(read_comment(request))
    key_id: str = request.path_params["id"]
    return await rotate(visited.services.store, visited.environment, key_id, rotation.overlap_seconds, author)


async def revoke_key(request: Request, visited: Visit, revoke: Revoke[T]) -> T:
    """Revoke the key that the path names; return it."""
    author = visited.caller.author(read_comment(request))
    return await revoke(visited.services.store, visited.environment, request.path_params["id"], author)


async def answer_issued(visited: Visit, document: msgspec.Struct) -> Response:
    """Answer with a key and its secret, which no cache may keep, once the key is valid in this process."""
    state = await visited.services.environments.refresh(visited.environment)
    headers = {"Cache-Control": "no-store"}
    return answer(document, state.record.snapshot_version, status=HTTPStatus.CREATED, headers=headers)


async def answer_changed(visited: Visit, document: msgspec.Struct) -> Response:
    """Answer with what was changed, once the change holds in this process."""
    state = await visited.services.environments.refresh(visited.environment)
    return answer(document, state.record.snapshot_version)
