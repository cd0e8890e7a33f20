"""Traces, when ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector; otherwise a span is nothing and costs nothing.

Spans tell routes, statuses and environments, and of an error its type: no message, for it may quote a caller.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Protocol

LOG = logging.getLogger("flaghoist.origin")
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
REMEDY = "OpenTelemetry is not installed, so nothing is traced: pip install 'flaghoist[tracing]'"
COLLECTOR = "flaghoist_origin.observability.collector"


class Span:
    """One piece of work in a trace; this one goes nowhere."""

    def end_request(self, method: str, route: str, status: int) -> None:
        """Say by which route a request was answered, and how."""


class Recorder(Protocol):
    """What takes spans."""

    def record(
        self, name: str, attributes: Mapping[str, str], parent: Mapping[str, str] | None
    ) -> AbstractContextManager[Span]:
        """Return a block that is a span below the one open in this task, or below the ``parent`` that headers name."""

    def stop(self) -> None:
        """Send what is left."""


class Tracing:
    """Where the spans of this process go; nowhere to begin with."""

    recorder: Recorder | None = None

    def stop(self) -> None:
        """Record nothing more."""
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            recorder.stop()


TRACING = Tracing()
NOWHERE: AbstractContextManager[Span] = nullcontext(Span())


def span(name: str, **attributes: str) -> AbstractContextManager[Span]:
    """Return a block that is a span of the running trace, if anything is traced."""
    recorder = TRACING.recorder
    return recorder.record(name, attributes, None) if recorder else NOWHERE


def request_span(method: str, request_id: str, headers: Iterable[tuple[bytes, bytes]]) -> AbstractContextManager[Span]:
    """Return a block that is the span of one request, which continues the caller's trace."""
    recorder = TRACING.recorder
    if recorder is None:
        return NOWHERE
    sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name.startswith(b"trace")}
    return recorder.record(method, {"http.request.method": method, "flaghoist.request_id": request_id}, sent)


def start_tracing(environ: Mapping[str, str]) -> None:
    """Trace to the collector that ``environ`` names, if it names one; without the packages, say so and go on."""
    if not environ.get(ENDPOINT):
        return
    try:
        collector = import_module(COLLECTOR)
    except ImportError:
        LOG.warning("%s is set, but %s", ENDPOINT, REMEDY)
        return
    TRACING.recorder = collector.to_endpoint(environ)
    LOG.info("tracing to %s", environ[ENDPOINT])
