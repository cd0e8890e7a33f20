"""Bulk answers beside the plain evaluator: both in one shape, compared flag by flag."""

from collections.abc import Mapping

import httpx

from tests.e2e.documents import Document
from tests.e2e.environments import Scope
from tests.in_worker.cases_worker import identical
from tests.plain import evaluate_all

VERSION = "flagVersion"

Answers = Mapping[str, Document]


def told(answered: httpx.Response) -> Answers:
    """Return what an OFREP bulk answer says of each flag, in its order, as the plain evaluator would put it."""
    found = answered.raise_for_status().json()["flags"]
    return {item["key"]: _failure(item) if "errorCode" in item else _success(item) for item in found}


def expected(documents: Document, context: Document, scope: Scope, edge: Document | None = None) -> Answers:
    """Return what the plain evaluator says to a visitor of whom the edge says ``edge``; clients learn no metadata."""
    client_only = scope == "client"
    own = {name: value for name, value in context.items() if name != "edge" and not name.startswith("edge.")}
    answers = evaluate_all(documents, {**own, **(edge or {})}, client_only=client_only)
    return {key: {**answer, "metadata": {}} if client_only else answer for key, answer in answers.items()}


def assert_same(got: Answers, wanted: Answers, about: str) -> None:
    """Fail with the first flag of which the two say different things."""
    assert list(got) == list(wanted), f"not the same flags in the same order: {about}"
    for key, answer in wanted.items():
        assert identical(got[key], answer), f"{key}: told {got[key]}, wanted {answer}: {about}"


def flag_versions(answered: httpx.Response) -> Mapping[str, int]:
    """Return the version of each flag that got a value."""
    found = answered.json()["flags"]
    return {item["key"]: item["metadata"][VERSION] for item in found if "metadata" in item}


def _success(item: Document) -> Document:
    metadata = {name: value for name, value in item["metadata"].items() if name != VERSION}
    rest = {"value": item["value"], "reason": item["reason"], "errorCode": None}
    return {"variation": item["variant"], **rest, "metadata": metadata}


def _failure(item: Document) -> Document:
    assert item["errorDetails"], item
    rest = {"value": None, "reason": "ERROR", "errorCode": item["errorCode"]}
    return {"variation": None, **rest, "metadata": item.get("metadata", {})}
