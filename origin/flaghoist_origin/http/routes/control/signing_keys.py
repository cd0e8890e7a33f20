"""Keys that sign contexts: listed, issued, rotated and revoked over HTTP; and whether signatures are required."""

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
    Rotation,
    answer_changed,
    answer_issued,
    revoke_key,
    rotate_key,
)
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys import signing_keys
from flaghoist_origin.keys.access import Need
from flaghoist_origin.keys.signatures import CURVE, KEY_TYPE
from flaghoist_origin.keys.signing_keys import IssuedSigningKey
from flaghoist_origin.storage.database.records import SigningKeyRecord


class Jwk(msgspec.Struct, frozen=True, omit_defaults=True):
    """An Ed25519 key (RFC 8037); ``kid`` is its id, which tokens name, and ``d`` its private half."""

    kty: str
    crv: str
    x: str
    kid: str
    d: str = ""


class SigningKeyDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signing key as the API gives it; its private half is in the answer that issued it, and never again."""

    id: str
    name: str
    created_at_ms: int
    expires_at_ms: int | None
    revoked_at_ms: int | None
    public_jwk: Jwk
    private_jwk: Jwk | None = None
    private_pem: str = ""


class NewSigningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to issue: ``name`` says whose backend signs with it."""

    name: str


class SignedContexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether client keys must bring signed contexts."""

    required: bool


def signing_key_routes() -> list[BaseRoute]:
    """Return the routes of signing keys and of the signing policy."""
    path = f"{ENVIRONMENT}/signing-keys"
    policy = {"GET": needs(Need.INSPECT, _policy), "PUT": needs(Need.ADMINISTER, _set_policy)}
    return [
        resource(path, GET=needs(Need.INSPECT, _list), POST=needs(Need.ADMINISTER, _issue)),
        resource(path + "/{id}", GET=needs(Need.INSPECT, _get), DELETE=needs(Need.ADMINISTER, _revoke)),
        resource(path + "/{id}/rotate", POST=needs(Need.ADMINISTER, _rotate)),
        resource(f"{ENVIRONMENT}/signed-contexts", **policy),
    ]


@operation(
    "List the keys that sign contexts",
    access=Access.KEY,
    answers={200: written(Page[SigningKeyDocument], "All of them, by their public halves.", etag=False)},
)
async def _list(_: Request, visited: Visit) -> Response:
    record = visited.state.record
    found = tuple(_document(key) for key in record.signing_keys)
    return answer(Page(found, None), record.snapshot_version)


@operation(
    "Read one signing key",
    access=Access.KEY,
    answers={200: written(SigningKeyDocument, "The key, by its public half.", etag=False)},
)
async def _get(request: Request, visited: Visit) -> Response:
    record = visited.state.record
    key = signing_keys.SIGNING_KEYS.find(record.signing_keys, request.path_params["id"])
    return answer(_document(key), record.snapshot_version)


@operation(
    "Issue a signing key",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: NewSigningKey}),
    answers={201: written(SigningKeyDocument, "The key, with its private half: the only time.", etag=False)},
    problems=(400, 413),
)
async def _issue(request: Request, visited: Visit) -> Response:
    wanted = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), NewSigningKey)
    author = visited.caller.author(read_comment(request))
    issued = await signing_keys.issue(visited.services.store, visited.environment, wanted.name, author)
    return await answer_issued(visited, _issued_document(issued))


@operation(
    "Issue a signing key's successor and let the old one run out",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: Rotation}),
    answers={201: written(SigningKeyDocument, "The new key, with its private half: the only time.", etag=False)},
    problems=(400, 409, 413),
)
async def _rotate(request: Request, visited: Visit) -> Response:
    return await answer_issued(visited, _issued_document(await rotate_key(request, visited, signing_keys.rotate)))


@operation(
    "Revoke a signing key at once",
    access=Access.KEY,
    parameters=(COMMENT,),
    answers={200: written(SigningKeyDocument, "The key as it is now.", etag=False)},
    problems=(400, 409),
)
async def _revoke(request: Request, visited: Visit) -> Response:
    return await answer_changed(visited, _document(await revoke_key(request, visited, signing_keys.revoke)))


@operation(
    "Whether client keys must bring signed contexts",
    access=Access.KEY,
    answers={200: written(SignedContexts, "Whether they must.", etag=False)},
)
async def _policy(_: Request, visited: Visit) -> Response:
    record = visited.state.record
    return answer(SignedContexts(record.requires_signed_contexts), record.snapshot_version)


@operation(
    "Ask client keys for signed contexts, or take bare ones too",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: SignedContexts}),
    answers={200: written(SignedContexts, "As it is now.", etag=False)},
    problems=(400, 409, 413),
)
async def _set_policy(request: Request, visited: Visit) -> Response:
    wanted = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), SignedContexts)
    author = visited.caller.author(read_comment(request))
    await signing_keys.require(visited.services.store, visited.environment, wanted.required, author)
    state = await visited.services.environments.refresh(visited.environment)
    return answer(SignedContexts(state.record.requires_signed_contexts), state.record.snapshot_version)


def _issued_document(issued: IssuedSigningKey) -> SigningKeyDocument:
    document = _document(issued.record)
    private = msgspec.structs.replace(document.public_jwk, d=issued.pair.private)
    return msgspec.structs.replace(document, private_jwk=private, private_pem=issued.pair.private_pem)


def _document(key: SigningKeyRecord) -> SigningKeyDocument:
    jwk = Jwk(KEY_TYPE, CURVE, key.public_key, key.id)
    return SigningKeyDocument(key.id, key.name, key.created_at_ms, key.expires_at_ms, key.revoked_at_ms, jwk)
