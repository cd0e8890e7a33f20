"""Traces, if ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector; otherwise spans do nothing and cost nothing.

Spans record routes, statuses and environments, and the type of an error, but not its message, which may quote a caller.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Protocol

LOG = logging.getLogger("flaghoist.origin")
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
REMEDY = "OpenTelemetry is not installed, so nothing is traced: pip install 'flaghoist-origin[tracing]'"
COLLECTOR = "flaghoist_origin.observability.collector"


class Span:
    """One part of a trace; this one is not recorded."""

    def end_request(self, method: str, route: str, status: int) -> None:
        """Record the route and the status of the answer."""


class Recorder(Protocol):
    """A receiver of spans."""

    def record(
        self, name: str, attributes: Mapping[str, str], parent: Mapping[str, str] | None
    ) -> AbstractContextManager[Span]:
        """Return a block that is a child of the current span in this task, or of the ``parent`` in the headers."""

    def stop(self) -> None:
        """Send the remaining spans."""


class Tracing:
    """Where the spans of this process go; at first nowhere."""

    recorder: Recorder | None = None

    def stop(self) -> None:
        """Stop recording."""
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            recorder.stop()


TRACING = Tracing()
NOWHERE: AbstractContextManager[Span] = nullcontext(Span())


def span(name: str, **attributes: str) -> AbstractContextManager[Span]:
    """Return a block that is a span of the current trace, if tracing is on."""
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
    """Start tracing to the collector in ``environ``, if there is one; without the packages, log a warning."""
    if not environ.get(ENDPOINT):
        return
    try:
        collector = import_module(COLLECTOR)
    except ImportError:
        LOG.warning("%s is set, but %s", ENDPOINT, REMEDY)
        return
    TRACING.recorder = collector.to_endpoint(environ)
    LOG.info("tracing to %s", environ[ENDPOINT])
