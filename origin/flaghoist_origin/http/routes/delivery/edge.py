"""Manifests and shards for edges, without KV; only for Workers with the same secret."""

from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from flaghoist.errors import KeyRefused, NotFound, Unavailable
from flaghoist.protocol.edge_origin import CONFIRMED_HEADER, MANIFEST_PATH, SHARD_PATH, TOKEN_HEADER
from flaghoist.protocol.freshness import VERSION_HEADER
from flaghoist.snapshot.manifest import Manifest, encode_manifest
from flaghoist_origin.http.operations.operation import JSON, Access, ResponseDescription, operation
from flaghoist_origin.http.operations.parts import IF_NONE_MATCH
from flaghoist_origin.http.resources.answers import conditions_of
from flaghoist_origin.http.resources.edges import is_edge
from flaghoist_origin.http.resources.resource import resource
from flaghoist_origin.services.services import services_of
from flaghoist_origin.serving.environment_state import EnvironmentState

A_YEAR_SECONDS = 365 * 24 * 3600
IMMUTABLE = f"private, max-age={A_YEAR_SECONDS}, immutable"
TAG_CHARACTERS = 16
MANIFEST_HEADERS = ("ETag", VERSION_HEADER, CONFIRMED_HEADER)


def edge_routes() -> list[BaseRoute]:
    """Return the routes that only an edge may use."""
    return [
        resource(MANIFEST_PATH, GET=_manifest),
        resource(SHARD_PATH, GET=_shard),
    ]


def manifest_tag(manifest: Manifest) -> str:
    """Return the strong ETag of a manifest: its version, and a hash of everything but its time of confirmation."""
    unconfirmed = encode_manifest(msgspec.structs.replace(manifest, confirmed_at_ms=0))
    return f'"{manifest.snapshot_version}.{sha256(unconfirmed).hexdigest()[:TAG_CHARACTERS]}"'


@operation(
    "Read the manifest as committed",
    access=Access.EDGE,
    parameters=(IF_NONE_MATCH,),
    answers={
        200: ResponseDescription("The manifest.", {JSON: bytes}, MANIFEST_HEADERS),
        304: ResponseDescription("What the edge holds is current.", headers=MANIFEST_HEADERS),
    },
    problems=(400,),
)
async def _manifest(request: Request) -> Response:
    _admit(request)
    manifest = await _confirmed(request)
    headers = {
        "ETag": manifest_tag(manifest),
        "Cache-Control": "private, no-cache",
        CONFIRMED_HEADER: str(manifest.confirmed_at_ms),
        VERSION_HEADER: str(manifest.snapshot_version),
    }
    if conditions_of(request).is_unchanged(headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(encode_manifest(manifest), headers=headers, media_type="application/json")


async def _confirmed(request: Request) -> Manifest:
    """Return the manifest confirmed now; if the database is unavailable, the cached one with its old time."""
    services = services_of(request)
    name = request.path_params["env"]
    state = services.environments.get(name)
    try:
        state = await services.environments.refresh(name)
    except Unavailable:
        return state.serving.manifest
    return state.manifest(services.clock.now_ms())


@operation(
    "Read a shard of the current manifest",
    access=Access.EDGE,
    answers={200: ResponseDescription("The shard.", {"application/octet-stream": bytes}, ("ETag",))},
)
async def _shard(request: Request) -> Response:
    _admit(request)
    state: EnvironmentState = services_of(request).environments.get(request.path_params["env"])
    wanted = request.path_params["sha256"]
    data = state.packing.packed.blobs.get(wanted)
    if data is None:
        raise NotFound(
            f"{state.record.name} {state.record.snapshot_version} has no shard {wanted[:64]}: read its manifest"
        )
    headers = {"ETag": f'"{wanted}"', "Cache-Control": IMMUTABLE}
    return Response(data, headers=headers, media_type="application/octet-stream")


def _admit(request: Request) -> None:
    if not is_edge(request):
        raise KeyRefused(f"{TOKEN_HEADER} is missing or not valid: give Worker and origin the same FLAGHOIST_SECRET")
