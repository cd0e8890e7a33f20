"""Traces: requests, commits and KV calls in one tree, without what callers wrote; nothing without a collector."""

import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flaghoist_origin.observability import traces
from flaghoist_origin.observability.collector import Collector
from flaghoist_origin.observability.traces import TRACING, span, start_tracing
from tests.origin.an_origin import AnOrigin, a_document, an_origin
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio

TRACE_ID, PARENT_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
async def origin(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnOrigin]:
    """Start an origin that publishes."""
    async with an_origin(tmp_path, FakeKv()) as started:
        yield started


@pytest.fixture
def spans(origin: AnOrigin) -> Iterator[InMemorySpanExporter]:
    """Record the spans of this process."""
    exporter = InMemorySpanExporter()
    TRACING.recorder = Collector(SimpleSpanProcessor(exporter))
    yield exporter
    TRACING.stop()


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(span for span in spans.get_finished_spans() if span.name == name)


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


async def test_write__traced_caller__commit_below_request_below_caller(
    origin: AnOrigin, spans: InMemorySpanExporter
) -> None:
    headers = {"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-01"}
    await origin.request("PUT", "/flags/hidden-flag", a_document(), headers=headers)

    request = named(spans, "PUT /api/v1/environments/{env}/flags/{key}")
    commit = named(spans, "commit")
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == TRACE_ID
    assert f"{parent_of(request) or 0:016x}" == PARENT_ID
    assert parent_of(commit) == request.context.span_id
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 201
    assert "hidden-flag" not in "".join(span.to_json() for span in spans.get_finished_spans())


async def test_publish__kv_calls__are_spans_below_it(origin: AnOrigin, spans: InMemorySpanExporter) -> None:
    await origin.put("/flags/checkout", a_document())
    spans.clear()
    await origin.post("/publish", None)

    publish, put = named(spans, "publish"), named(spans, "kv put")
    assert publish.context is not None
    assert parent_of(put) == publish.context.span_id


async def test_probe__traced__leaves_no_span(origin: AnOrigin, spans: InMemorySpanExporter) -> None:
    await origin.client.get("/healthz")

    assert not [span for span in spans.get_finished_spans() if span.name.startswith("GET")]


def test_span__nothing_traced__is_nothing() -> None:
    with span("commit") as nothing:
        nothing.end_request("GET", "/x", 200)

    assert not TRACING.recorder


def test_start__no_endpoint__nothing_traced() -> None:
    start_tracing({})

    assert TRACING.recorder is None


def test_start__packages_absent__said_with_the_remedy(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, traces.COLLECTOR, None)
    start_tracing({traces.ENDPOINT: "http://127.0.0.1:4318"})

    assert TRACING.recorder is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "pip install 'flaghoist-origin[tracing]'" in caplog.text


def test_start__endpoint__traced_to_it() -> None:
    start_tracing({traces.ENDPOINT: "http://127.0.0.1:4318"})
    try:
        assert TRACING.recorder is not None
    finally:
        TRACING.stop()
