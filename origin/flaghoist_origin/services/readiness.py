"""Whether the origin's answers are reliable, check by check, with reasons.

An origin without KV stays ready, because edges fall back to it. An origin whose database is behind KV is not ready: it
would answer from an older state than users have seen.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from flaghoist.errors import Unavailable
from flaghoist_origin.publishing.state import Phase, PublishState
from flaghoist_origin.services.services import Services
from flaghoist_origin.services.start import Stage
from flaghoist_origin.storage.database.records import Backlog

FIRST_STATE = PublishState()
DATABASE_SECONDS = 2.0
OK = "ok"
UNPUBLISHED = "nothing is published: set FLAGHOIST_KV_ACCOUNT, FLAGHOIST_KV_NAMESPACE and FLAGHOIST_KV_TOKEN"
CheckName = Literal["shutdown", "database", "migrations", "first_load", "publishing"]
CheckStatus = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at; only ``fail`` makes the origin not ready. ``environment`` is empty for all."""

    name: CheckName
    status: CheckStatus = "ok"
    detail: str = ""
    environment: str = ""


class EnvironmentHealth(msgspec.Struct, frozen=True):
    """One environment: what is committed, what KV holds, how many commits wait for KV, and the oldest for how long."""

    committed: str
    in_kv: str | None
    pending: int
    kv_lag_seconds: float
    publishing: str
    detail: str


class Readiness(msgspec.Struct, frozen=True):
    """``reasons`` say why the origin is not ready; ``notes`` what is wrong beside that; ``checks`` hold both."""

    ready: bool
    database: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    checks: tuple[Check, ...]
    environments: Mapping[str, EnvironmentHealth]


async def examine(services: Services) -> Readiness:
    """Check the database and the publisher."""
    backlogs, database = await _ask_backlogs(services)
    environments = {name: _environment(services, name, backlogs.get(name)) for name in services.environments.names}
    checks = tuple(_checks(services, database, environments))
    reasons = tuple(check.detail for check in checks if check.status == "fail")
    notes = tuple(check.detail for check in checks if check.status == "warn")
    return Readiness(not reasons, database, reasons, notes, checks, environments)


async def _ask_backlogs(services: Services) -> tuple[Mapping[str, Backlog], str]:
    """Return the commits that wait for KV, and ``ok`` or the fault of the database, which has two seconds to answer."""
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await services.store.backlogs(), OK
    except Unavailable as error:
        return {}, str(error)
    except TimeoutError:
        return {}, f"the database does not answer within {DATABASE_SECONDS:g} s"


def state_of(services: Services, name: str) -> PublishState:
    """Return the publishing state of an environment."""
    return services.publisher.states.get(name, FIRST_STATE) if services.publisher else FIRST_STATE


def _environment(services: Services, name: str, backlog: Backlog | None) -> EnvironmentHealth:
    state = state_of(services, name)
    lag_ms = max(0, services.clock.now_ms() - backlog.oldest_at_ms) if backlog else 0
    return EnvironmentHealth(
        committed=str(services.environments.get(name).record.snapshot_version),
        in_kv=str(state.in_kv) if state.in_kv else None,
        pending=backlog.count if backlog else 0,
        kv_lag_seconds=lag_ms / 1000,
        publishing=state.phase if services.publisher else "off",
        detail=state.detail,
    )


def _checks(services: Services, database: str, environments: Mapping[str, EnvironmentHealth]) -> Iterator[Check]:
    stage = services.start.stage
    if services.shutdown.is_announced:
        yield Check("shutdown", "fail", "this origin is shutting down")
    yield Check("database") if database == OK else Check("database", "fail", database)
    if stage is Stage.MIGRATIONS:
        yield Check("migrations", "fail", "the schema is not known to be up to date yet")
    if stage is not Stage.DONE:
        yield Check("first_load", "fail", "no environment has been loaded yet")
    if services.publisher is None:
        yield Check("publishing", "warn", UNPUBLISHED)
        return
    for name, health in environments.items():
        yield _publishing(name, health)


def _publishing(name: str, health: EnvironmentHealth) -> Check:
    if health.publishing == Phase.REFUSED:
        return Check("publishing", "fail", health.detail, name)
    if health.publishing == Phase.FAILING:
        waits = f"{name} waits for KV since {health.kv_lag_seconds:.0f} s: {health.detail}"
        return Check("publishing", "warn", waits, name)
    return Check("publishing", "ok", health.detail, name)
