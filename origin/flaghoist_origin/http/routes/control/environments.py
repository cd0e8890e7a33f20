"""Environments: their state; created empty or as a copy, and removed."""

from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.errors import ActionForbidden, InputError
from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.text import strict_json
from flaghoist_origin.control.copies import CopySource, Salts
from flaghoist_origin.control.replacement import snapshot_tag
from flaghoist_origin.http.operations.operation import JSON, Access, Body, Parameter, operation
from flaghoist_origin.http.operations.pages import Page
from flaghoist_origin.http.operations.parts import COMMENT, IF_NONE_MATCH, read_answers, written
from flaghoist_origin.http.resources.answers import answer, answer_read
from flaghoist_origin.http.resources.bodies import read_comment, read_json
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.keys import KeyDocument, key_document
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.resource import ENVIRONMENT, resource
from flaghoist_origin.keys.access import Need
from flaghoist_origin.serving.environment_state import EnvironmentState
from flaghoist_origin.storage.database.records import EnvironmentRecord

CONFIRM = Parameter("confirm", "The environment's name once more.", {"type": "string"}, is_required=True)


class EnvironmentDocument(msgspec.Struct, frozen=True):
    """An environment as the API gives it, with the number of its entities."""

    name: str
    epoch: int
    version: int
    committed_at_ms: int
    flags: int
    segments: int
    groups: int


class NewEnvironment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to create: an empty environment, or a copy of the caller's own.

    With ``salts`` kept, users get what they get in the source; new ones draw everybody anew.
    """

    name: str
    copy_from: str | None = None
    salts: Salts = "keep"


class CreatedEnvironment(msgspec.Struct, frozen=True):
    """A new environment and its first key, an owner's, whose text is in this answer and never again."""

    environment: EnvironmentDocument
    key: KeyDocument


def environment_routes() -> list[BaseRoute]:
    """Return the routes of environments."""
    everywhere = {"GET": needs(Need.READ, _list), "POST": needs(Need.ADMINISTER, _create)}
    one = {"GET": needs(Need.READ, _get), "DELETE": needs(Need.ADMINISTER, _remove)}
    return [resource("/api/v1/environments", **everywhere), resource(ENVIRONMENT, **one)]


@operation(
    "List the environments that the key may see",
    access=Access.KEY,
    answers={200: written(Page[EnvironmentDocument], "All of them.", etag=False)},
)
async def _list(_: Request, visited: Visit) -> Response:
    """Return the environments that the caller may see: an owner all, others their own."""
    environments = visited.services.environments
    names = environments.names if visited.caller.may(Need.ADMINISTER) else (visited.environment,)
    found = tuple(_document(environments.get(name).record) for name in names)
    return answer(Page(found, None), visited.state.record.snapshot_version)


@operation(
    "Read where an environment stands",
    access=Access.KEY,
    parameters=(IF_NONE_MATCH,),
    answers=read_answers(EnvironmentDocument, "The environment."),
    problems=(400,),
)
async def _get(request: Request, visited: Visit) -> Response:
    record = visited.state.record
    version = record.snapshot_version
    return answer_read(request, lambda: _document(record), version, snapshot_tag(version))


@operation(
    "Create an environment, empty or as a copy of the caller's own",
    access=Access.KEY,
    parameters=(COMMENT,),
    body=Body({JSON: NewEnvironment}),
    answers={201: written(CreatedEnvironment, "The environment and its first key: the only time.", etag=False)},
    problems=(400, 409, 413),
)
async def _create(request: Request, visited: Visit) -> Response:
    wanted = strict_json.to_struct(await read_json(request, WRITE_BODY_BYTES), NewEnvironment)
    author = visited.caller.author(read_comment(request))
    source = _source(wanted, visited.state)
    issued = await visited.services.administration.create(wanted.name, author, source)
    record = visited.services.environments.get(wanted.name).record
    body = CreatedEnvironment(_document(record), key_document(issued.record, issued.text))
    headers = {"Cache-Control": "no-store"}
    return answer(body, record.snapshot_version, status=HTTPStatus.CREATED, headers=headers)


def _source(wanted: NewEnvironment, own: EnvironmentState) -> CopySource | None:
    if wanted.copy_from is None:
        return None
    if wanted.copy_from != own.record.name:
        raise ActionForbidden(f"this key is of environment {own.record.name}: use one of {wanted.copy_from} to copy it")
    return CopySource(own.record, wanted.salts)


@operation(
    "Remove an environment, its flags and its keys",
    access=Access.KEY,
    parameters=(CONFIRM, COMMENT),
    answers={200: written(EnvironmentDocument, "The environment as it was.", etag=False)},
    problems=(400, 409),
)
async def _remove(request: Request, visited: Visit) -> Response:
    name = visited.environment
    if parameter(request, "confirm") != name:
        raise InputError.at("confirm", f"must be {name}: its flags, its keys and what KV holds of it go")
    removed = await visited.services.administration.remove(name, visited.caller.author(read_comment(request)))
    return answer(_document(removed), removed.snapshot_version)


def _document(record: EnvironmentRecord) -> EnvironmentDocument:
    flagset = record.flagset
    counts = (len(flagset.flags), len(flagset.segments), len(flagset.groups))
    return EnvironmentDocument(record.name, record.epoch, record.version, record.committed_at_ms, *counts)
