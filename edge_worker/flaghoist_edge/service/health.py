"""Health: what the isolate has cached, without loading anything, and whether it can answer at all."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import MethodNotAllowed, Unavailable
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.freshness import NO_VERSION
from flaghoist.protocol.requests import Request, Response
from flaghoist.version import VERSION
from flaghoist_edge.freshness.cache import CachedSnapshot, SnapshotCache
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.ports.platform import Background, EdgeClock
from flaghoist_edge.ports.settings import WorkerSettings

HEALTH_PATH = "/healthz"
READY_PATH = "/readyz"

_HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Cache-Control": "no-store", **CORS_HEADERS}


class SnapshotHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """The cached state of one environment; ``age`` in seconds; the faults are those of the last read."""

    version: str
    level: int
    age: int
    notes: tuple[str, ...] = ()
    kv_fault: str = ""
    origin_fault: str = ""


class Health:
    """Answers ``/healthz`` and ``/readyz``; ``python`` is the interpreter's version."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        cache: SnapshotCache,
        policy: FreshnessPolicy,
        clock: EdgeClock,
        python: str,
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._policy = policy
        self._clock = clock
        self._python = python

    def alive(self, request: Request) -> Response:
        """Report that the interpreter answers, and what is cached for each environment."""
        _require_get(request)
        names = dict.fromkeys((*self._settings.named_environments, *self._cache.entries))
        return _ok(
            {
                "status": "ok",
                "python": self._python,
                "flaghoist": VERSION,
                "environments": {
                    name: self._describe(self._cache.entries.get(name, CachedSnapshot())) for name in names
                },
            }
        )

    async def ready(self, request: Request, background: Background) -> Response:
        """Answer 200 if an environment is cached or can be loaded, else 503 with the reason for each."""
        _require_get(request)
        faults = []
        for name in self._settings.named_environments:
            cached = await self._policy.obtain(name, background)
            if cached.snapshot is not None:
                return _ok({"status": "ready", "environment": name})
            known = "; ".join(filter(None, (cached.kv_fault, cached.origin_fault)))
            faults.append(f"{name}: {known or 'nothing could be loaded in time'}")
        raise Unavailable(f"no environment can be loaded; {'; '.join(faults)}")

    def _describe(self, cached: CachedSnapshot) -> SnapshotHealth:
        freshness = cached.freshness(self._clock.now_ms())
        version = cached.snapshot.version if cached.snapshot else str(NO_VERSION)
        return SnapshotHealth(
            version, freshness.level, freshness.age_seconds, freshness.notes, cached.kv_fault, cached.origin_fault
        )


def _require_get(request: Request) -> None:
    if request.method != "GET":
        raise MethodNotAllowed(f"{request.path} takes GET, not {request.method[:20]}")


def _ok(body: Mapping[str, object]) -> Response:
    return Response(200, dict(_HEADERS), msgspec.json.encode(body))
