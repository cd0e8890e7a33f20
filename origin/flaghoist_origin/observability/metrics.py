"""The metrics of the origin's parts; `/metrics` exposes them to Prometheus.

Labels come from short lists: templates of routes instead of paths, names of existing environments, and nothing that a
caller wrote.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
SHORT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
LONG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Histogram(
    "flaghoist_request_seconds",
    "Time until an answer began, by template of the route",
    ("route", "method", "status"),
    registry=REGISTRY,
    buckets=SHORT_SECONDS,
)
COMMITS = Histogram(
    "flaghoist_commit_seconds",
    "Time of a write from the decision to the end of its transaction; unchanged: there was nothing to write",
    ("outcome",),
    registry=REGISTRY,
    buckets=LONG_SECONDS,
)
PUBLISHES = Counter(
    "flaghoist_publishes",
    "Rounds of publishing; waiting: another origin had the lease, refused: somebody has to decide",
    ("environment", "outcome"),
    registry=REGISTRY,
)
KV_CALLS = Histogram(
    "flaghoist_kv_call_seconds",
    "Time of a call to Workers KV, repeated attempts included",
    ("operation", "outcome"),
    registry=REGISTRY,
    buckets=LONG_SECONDS,
)
DATABASE_ERRORS = Counter(
    "flaghoist_database_errors", "Transactions that failed because the database did not answer", registry=REGISTRY
)
EVENTS = Counter(
    "flaghoist_events",
    "Reported events; duplicate: stored before, refused: not valid, dropped: look-ups of this origin that did not fit",
    ("outcome",),
    registry=REGISTRY,
)
STREAM_CLIENTS = Gauge(
    "flaghoist_stream_clients", "Clients connected to the stream", ("environment", "dialect"), registry=REGISTRY
)
STREAM_EVENTS = Counter("flaghoist_stream_events", "Events handed to stream clients", ("dialect",), registry=REGISTRY)
STREAM_CUTS = Counter(
    "flaghoist_stream_cuts", "Streams that the origin ended, by the reason", ("reason",), registry=REGISTRY
)

ROUTES_THAT_EVALUATE = {
    "/ofrep/v1/evaluate/flags": "bulk",
    "/ofrep/v1/evaluate/flags/{key}": "single",
    "/v1/bootstrap": "bootstrap",
}
OUTCOMES = {"2": "answered", "3": "unchanged", "4": "refused", "5": "failed"}


class Evaluations(Collector):
    """Evaluations by route and outcome, derived from `REQUESTS`, so that a request is counted only once."""

    def collect(self) -> Iterator[Metric]:
        """Yield the one family."""
        family = CounterMetricFamily("flaghoist_evaluations", "Evaluations", labels=("route", "outcome"))
        counts: dict[tuple[str, str], float] = {}
        for sample in (sample for metric in REQUESTS.collect() for sample in metric.samples):
            route = ROUTES_THAT_EVALUATE.get(sample.labels["route"])
            if route and sample.name.endswith("_count") and sample.labels["method"] != "OPTIONS":
                key = (route, OUTCOMES.get(sample.labels["status"][0], "failed"))
                counts[key] = counts.get(key, 0.0) + sample.value
        for labels, count in sorted(counts.items()):
            family.add_metric(labels, count)
        yield family


REGISTRY.register(Evaluations())
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
