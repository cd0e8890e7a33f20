"""The behaviour cases and golden vectors once more, inside workerd: Pyodide instead of CPython."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge, build_bundle
from tests.case_files import load_cases, load_vectors
from tests.in_worker.cases_worker import run_cases, run_vectors
from tests.project import ROOT

Json = dict[str, Any]

HERE = Path(__file__).parent
DOMAIN = ROOT / "shared" / "flaghoist"
"""Mounted whole: the cases are written as documents, which the Worker itself never reads."""

RUN_TIMEOUT_SECONDS = 120
WORK = {"cases": load_cases(), "vectors": load_vectors()}
IDS = [*(case["id"] for case in WORK["cases"]), *(result["id"] for result in run_vectors(WORK["vectors"]))]


async def _run_in_worker() -> list[Json]:
    settings = EdgeSettings(
        extra=[(HERE, "tests/in_worker"), (DOMAIN, "flaghoist")], entry="tests.in_worker.worker_entry"
    )
    async with LocalEdge(settings) as edge, httpx.AsyncClient(timeout=RUN_TIMEOUT_SECONDS) as client:
        answer = await client.post(edge.url, json=WORK)
    assert answer.status_code == 200, "the cases did not run in workerd; the traceback is in the captured output"
    results: list[Json] = answer.json()
    return results


@pytest.fixture(scope="module")
def results(processes: None) -> dict[str, Json]:
    """Every result by its case's id, from one run of one Worker."""
    build_bundle()
    return {result["id"]: result for result in asyncio.run(_run_in_worker())}


@pytest.mark.parametrize("case_id", IDS)
def test_case__in_workerd__gives_what_is_expected(case_id: str, results: dict[str, Json]) -> None:
    result = results[case_id]
    assert result["actual"] == result["expected"]
    assert result["passed"]


def test_cases__in_workerd__agree_with_cpython(results: dict[str, Json]) -> None:
    here = run_cases(WORK["cases"]) + run_vectors(WORK["vectors"])
    assert list(results.values()) == here
