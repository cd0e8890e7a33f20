"""Health: whether the process lives, and whether its answers may be relied on, with the reasons when not.

An origin that cannot reach KV stays ready: it is what edges fall back to. One whose database is behind what KV holds is
not, for it would answer from a past that users have left.
"""

from collections.abc import Iterator, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from origin.publish_state import Phase, PublishState
from origin.routes.resource import resource
from origin.services import Services, services_of
from shared.errors import Unavailable

NOT_STORED = {"Cache-Control": "no-store"}
FIRST_STATE = PublishState()


class EnvironmentHealth(msgspec.Struct, frozen=True):
    """One environment: what is committed, what KV holds, and for how long a commit has been waiting for KV."""

    committed: str
    in_kv: str | None
    kv_lag_seconds: float
    publishing: str
    detail: str


class Readiness(msgspec.Struct, frozen=True):
    """``reasons`` say why the origin is not ready; ``notes`` what is wrong beside that."""

    ready: bool
    database: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    environments: Mapping[str, EnvironmentHealth]


def health_routes() -> list[BaseRoute]:
    """Return the routes of health."""
    return [resource("/healthz", GET=_live), resource("/readyz", GET=_ready)]


async def _live(_: Request) -> Response:
    return Response(b'{"status":"ok"}', headers=NOT_STORED, media_type="application/json")


async def _ready(request: Request) -> Response:
    readiness = await examine(services_of(request))
    status = 200 if readiness.ready else 503
    return Response(msgspec.json.encode(readiness), status, headers=NOT_STORED, media_type="application/json")


async def examine(services: Services) -> Readiness:
    """Ask the database and the publisher how they are."""
    try:
        waiting = {name: await _oldest_pending_ms(services, name) for name in services.environments.names}
        database = "ok"
    except Unavailable as error:
        waiting, database = {}, str(error)
    environments = {name: _environment(services, name, waiting.get(name)) for name in services.environments.names}
    reasons = tuple(_reasons(database, environments))
    return Readiness(not reasons, database, reasons, tuple(_notes(services, environments)), environments)


async def _oldest_pending_ms(services: Services, name: str) -> int | None:
    pending = await services.store.pending(name)
    return min((row.committed_at_ms for row in pending), default=None)


def _environment(services: Services, name: str, waiting_since_ms: int | None) -> EnvironmentHealth:
    state = services.publisher.states.get(name, FIRST_STATE) if services.publisher else FIRST_STATE
    lag_ms = 0 if waiting_since_ms is None else max(0, services.clock.now_ms() - waiting_since_ms)
    return EnvironmentHealth(
        committed=str(services.environments.get(name).record.snapshot_version),
        in_kv=str(state.in_kv) if state.in_kv else None,
        kv_lag_seconds=lag_ms / 1000,
        publishing=state.phase if services.publisher else "off",
        detail=state.detail,
    )


def _reasons(database: str, environments: Mapping[str, EnvironmentHealth]) -> Iterator[str]:
    if database != "ok":
        yield database
    if not environments:
        yield "no environment has been loaded yet"
    for health in environments.values():
        if health.publishing == Phase.REFUSED:
            yield health.detail


def _notes(services: Services, environments: Mapping[str, EnvironmentHealth]) -> Iterator[str]:
    if services.publisher is None:
        yield "nothing is published: set FLAGHOIST_KV_ACCOUNT, FLAGHOIST_KV_NAMESPACE and FLAGHOIST_KV_TOKEN"
    for name, health in environments.items():
        if health.publishing == Phase.FAILING:
            yield f"{name} waits for KV since {health.kv_lag_seconds:.0f} s: {health.detail}"
