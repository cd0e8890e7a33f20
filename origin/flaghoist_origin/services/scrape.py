"""Metrics that are computed when Prometheus asks: the origin's readiness, and the state of every environment."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from flaghoist.version import VERSION
from flaghoist_origin.observability.metrics import REGISTRY
from flaghoist_origin.publishing.state import Phase
from flaghoist_origin.services.readiness import OK, Readiness, examine, state_of
from flaghoist_origin.services.services import Services

Samples = Iterable[tuple[tuple[str, ...], float]]


async def exposition(services: Services) -> bytes:
    """Return all metrics in Prometheus's text format."""
    readiness = await examine(services)
    families = [*_of_origin(services, readiness), *_of_environments(services)]
    if readiness.database == OK and services.publisher:
        families.extend(_of_backlogs(readiness))
    return generate_latest(_Scrape(families))


class _Scrape(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()
        yield from self._families


def _of_origin(services: Services, readiness: Readiness) -> Iterator[Metric]:
    yield _gauge("flaghoist_build_info", "Always 1", ("version",), [((VERSION,), 1.0)])
    yield _gauge("flaghoist_ready", "Whether /readyz answers 200", (), [((), float(readiness.ready))])
    waiting = [((), float(services.intake.waiting))]
    yield _gauge("flaghoist_events_waiting", "Events that wait for the database", (), waiting)
    checks = [((check.name, check.environment), float(check.status != "fail")) for check in readiness.checks]
    yield _gauge("flaghoist_check", "Whether a check of /readyz holds", ("check", "environment"), checks)


def _of_environments(services: Services) -> Iterator[Metric]:
    names = services.environments.names
    records = {name: services.environments.get(name).record for name in names}
    states = {name: state_of(services, name) for name in names}
    now_ms = services.clock.now_ms()
    yield _by_environment("epoch", "Epoch as committed", {name: record.epoch for name, record in records.items()})
    yield _by_environment("version", "Version as committed", {name: record.version for name, record in records.items()})
    confirmed = {name: state.confirmed_at_ms for name, state in states.items()}
    ages = {name: (now_ms - at_ms) / 1000 for name, at_ms in confirmed.items() if at_ms is not None}
    yield _by_environment("kv_confirmed_age_seconds", "Time since this origin saw KV to be right", ages)
    phases = [((name, phase), float(state.phase == phase)) for name, state in states.items() for phase in Phase]
    yield _gauge("flaghoist_publishing", "1 for how publishing goes here", ("environment", "phase"), phases)


def _of_backlogs(readiness: Readiness) -> Iterator[Metric]:
    lags = {name: health.kv_lag_seconds for name, health in readiness.environments.items()}
    yield _by_environment("publish_lag_seconds", "For how long the oldest commit has been waiting for KV", lags)
    counts = {name: health.pending for name, health in readiness.environments.items()}
    yield _by_environment("outbox_pending", "Commits that are not in KV yet", counts)


def _by_environment(name: str, help_text: str, values: Mapping[str, float]) -> Metric:
    samples = [((environment,), value) for environment, value in values.items()]
    return _gauge(f"flaghoist_{name}", help_text, ("environment",), samples)


def _gauge(name: str, help_text: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
