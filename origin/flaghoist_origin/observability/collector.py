"""Send spans to a collector by OTLP over HTTP: the only module that knows OpenTelemetry.

Its packages come with ``pip install 'flaghoist-origin[tracing]'``; they also read further ``OTEL_…`` variables.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from flaghoist_origin.observability.traces import Span

SERVICE_NAME = "OTEL_SERVICE_NAME"
SERVICE = "flaghoist-origin"
SCOPE = "flaghoist"
FIRST_SERVER_ERROR = 500


def to_endpoint(environ: Mapping[str, str]) -> "Collector":
    """Return the collector in the process's environment."""
    return Collector(BatchSpanProcessor(OTLPSpanExporter()), environ.get(SERVICE_NAME) or SERVICE)


class Collector:
    """Passes spans to ``processor``, each with the name of this service."""

    def __init__(self, processor: SpanProcessor, service: str = SERVICE) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SCOPE)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def record(self, name: str, attributes: Mapping[str, str], parent: Mapping[str, str] | None) -> Iterator[Span]:
        """Record a block as a child of the current span in this task, or of the ``parent`` in the headers."""
        context = None if parent is None else self._propagator.extract(parent)
        kind = SpanKind.INTERNAL if parent is None else SpanKind.SERVER
        opened = self._tracer.start_as_current_span(
            name, context, kind, attributes, record_exception=False, set_status_on_exception=False
        )
        with opened as span:
            try:
                yield _Recorded(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    def stop(self) -> None:
        """Send the remaining spans."""
        self._provider.shutdown()


class _Recorded(Span):
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def end_request(self, method: str, route: str, status: int) -> None:
        """Record the route and the status of the answer."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= FIRST_SERVER_ERROR:
            self._span.set_status(StatusCode.ERROR)
