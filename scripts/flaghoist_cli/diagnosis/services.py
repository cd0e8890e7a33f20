"""Check the running services: do origin and edge answer, do the clocks agree, and is KV up to date?"""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import msgspec

from flaghoist.text.http_dates import http_date
from flaghoist_cli.client.http_request import DIRECT
from flaghoist_cli.diagnosis.finding import Finding

TIMEOUT_SECONDS = 5.0
MOST_SKEW_SECONDS = 2.0
MOST_LAG_SECONDS = 30.0


class _Environment(msgspec.Struct):
    committed: str = ""
    in_kv: str | None = None
    kv_lag_seconds: float = 0.0
    publishing: str = ""
    detail: str = ""


class _Readiness(msgspec.Struct):
    ready: bool
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    environments: dict[str, _Environment] = {}


class _EdgeEnvironment(msgspec.Struct):
    version: str = ""
    level: int = 0
    fault: str = ""


class _EdgeHealth(msgspec.Struct):
    python: str = ""
    flaghoist: str = ""
    environments: dict[str, _EdgeEnvironment] = {}


def check_services(origin: str, edge: str, transport: httpx.BaseTransport | None = None) -> Iterator[Finding]:
    """Yield findings on the origin and the edge at these base URLs; an empty one is skipped."""
    with httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport, mounts=None if transport else DIRECT) as client:
        if origin:
            yield from _origin(client, origin)
        if edge:
            yield from _edge(client, edge)


def _origin(client: httpx.Client, url: str) -> Iterator[Finding]:
    try:
        response = client.get(f"{url}/readyz")
        readiness = msgspec.json.decode(response.content, type=_Readiness)
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        yield Finding(
            "origin", "fail", f"{url} does not answer like an origin ({error})", "start it, or correct --origin"
        )
        return
    if readiness.ready:
        yield Finding("origin", "ok", f"{url} is ready")
    else:
        yield Finding("origin", "fail", f"{url} is not ready: {'; '.join(readiness.reasons)}", "follow the reason")
    for note in readiness.notes:
        yield Finding("origin", "warn", note, "see the origin's log")
    for name, environment in readiness.environments.items():
        yield _kv(name, environment)
    yield _clock(response)


def _kv(name: str, environment: _Environment) -> Finding:
    says = f"{name} is committed at {environment.committed}, in KV at {environment.in_kv or 'nothing'}"
    if environment.kv_lag_seconds > MOST_LAG_SECONDS or environment.publishing == "refused":
        why = environment.detail or f"waiting for {environment.kv_lag_seconds:.0f} s"
        return Finding("KV", "fail", f"{says} ({why})", "see the origin's log; `flaghoist publish` retries at once")
    return Finding("KV", "ok", f"{says}, {environment.publishing}")


def _clock(response: httpx.Response) -> Finding:
    date = http_date(response.headers.get("Date", ""))
    if date is None:
        return Finding("clock", "warn", "the origin sends no Date that can be read", "compare the clocks by hand")
    skew = (datetime.now(UTC) - date).total_seconds()
    if abs(skew) > MOST_SKEW_SECONDS:
        return Finding(
            "clock", "warn", f"this machine's clock differs from the origin's by {skew:.0f} s", "run NTP on both"
        )
    return Finding("clock", "ok", "this machine and the origin agree within 2 s")


def _edge(client: httpx.Client, url: str) -> Iterator[Finding]:
    try:
        health = msgspec.json.decode(client.get(f"{url}/healthz").content, type=_EdgeHealth)
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        yield Finding("edge", "fail", f"{url} does not answer like an edge ({error})", "start it, or correct --edge")
        return
    yield Finding("edge", "ok", f"{url} runs Flaghoist {health.flaghoist} on Python {health.python}")
    for name, environment in health.environments.items():
        if environment.fault:
            yield Finding("edge", "warn", f"{name}: {environment.fault}", "see the edge's log")
        else:
            yield Finding("edge", "ok", f"{name} is cached at {environment.version}, level {environment.level}")
