"""The served OpenAPI document against the running origin: no 5xx and no answer that it does not promise.

Schemathesis makes the requests, from the schemas and against them. FLAGHOIST_EXAMPLES sets how many per operation and
caller; with CI=true there are more.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from flaghoist.protocol.edge_origin import edge_token
from flaghoist_origin.http.app import all_routes
from flaghoist_origin.http.openapi.document import document
from tests.origin.a_server import AServer, a_server
from tests.origin.an_origin import SECRET, a_document

EXAMPLES = int(os.environ.get("FLAGHOIST_EXAMPLES", "25" if os.environ.get("CI") else "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
CALLERS = ("admin", "client", "nobody")
BASE = "/api/v1/environments/{env}"
WRITES: list[tuple[str, str, dict[str, str], object, int]] = [
    ("PUT", "/flags/{key}", {"key": "new"}, a_document(tags=["a"]), 201),
    ("PUT", "/flags/{key}", {"key": "checkout"}, a_document(), 200),
    ("PATCH", "/flags/{key}", {"key": "checkout"}, {"on": False}, 200),
    ("DELETE", "/flags/{key}", {"key": "new"}, None, 200),
    ("PUT", "/segments/{key}", {"key": "new"}, {"rules": [[]]}, 201),
    ("DELETE", "/segments/{key}", {"key": "new"}, None, 200),
    ("DELETE", "/segments/{key}", {"key": "beta"}, None, 409),
    ("PUT", "/groups/{key}", {"key": "new"}, {}, 201),
    ("DELETE", "/groups/{key}", {"key": "new"}, None, 200),
    ("POST", "/keys", {}, {"kind": "client", "name": "web", "expires_at": "2100-01-01T00:00:00Z"}, 201),
    ("POST", "/publish", {}, None, 409),
    ("PUT", "/snapshot", {}, {"flags": [{**a_document(), "key": "checkout"}]}, 200),
]
LEFT_OUT = {
    "/api/openapi.json",
    "/v1/stream",  # never ends: tests/origin/streams listens to it
}
OPERATIONS = [
    (path, method) for path, item in document(all_routes())["paths"].items() for method in item if path not in LEFT_OUT
]
# With these the requests reach what exists; others are drawn beside them.
KNOWN = {"env": "production", "key": "checkout"}
EDGE = {"Flaghoist-Edge-Token": edge_token(SECRET.encode())}


@pytest.fixture(scope="module")
def server(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AServer]:
    """Run an origin for all of these tests; it must not log an unforeseen error."""
    with a_server(tmp_path_factory.mktemp("promises")) as started:
        yield started
    assert "exception" not in started.log.read_text()


def promised(server: AServer) -> BaseSchema:
    """Return the document as the origin serves it, without security: keys are chosen here and not drawn."""
    served = httpx.get(f"{server.url}/api/openapi.json").json()
    for item in served["paths"].values():
        for operation in item.values():
            del operation["security"]
    return schemathesis.openapi.from_dict(served)


@pytest.fixture(scope="module")
def schema(server: AServer) -> BaseSchema:
    """Return what the origin promises."""
    return promised(server)


def credentials(server: AServer, caller: str) -> Mapping[str, str]:
    if caller == "nobody":
        return {}
    edge = EDGE if caller == "admin" else {}
    return {"Authorization": f"Bearer {server.keys[caller]}", **edge}


def cases(operation: APIOperation[Any, Any, Any, Any]) -> st.SearchStrategy[Case[Any]]:
    names = {parameter.name for parameter in operation.path_parameters}
    known = {name: value for name, value in KNOWN.items() if name in names}
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query or operation.headers or names:
        modes.append(GenerationMode.NEGATIVE)
    found = [operation.as_strategy(mode) for mode in modes]
    if known:
        found += [operation.as_strategy(mode, path_parameters=known) for mode in modes]
    return st.one_of(found)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=str)
def test_operation__whatever_is_sent__answers_as_promised(
    server: AServer, schema: BaseSchema, path: str, method: str, caller: str
) -> None:
    headers = dict(credentials(server, caller))

    with requests.Session() as session:

        @given(cases(schema[path][method.upper()]))
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
        def check(case: Case[Any]) -> None:
            response = case.call(base_url=server.url, session=session, headers=headers)
            case.validate_response(response, checks=CHECKS)

        check()


def test_writes__taken_or_refused_by_a_rule__answer_as_promised(tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        schema = promised(server)
        for method, path, names, body, status in WRITES:
            sent: dict[str, Any] = {} if body is None else {"body": body, "media_type": "application/json"}
            case = schema[BASE + path][method].Case(path_parameters={"env": "production", **names}, **sent)
            condition = {} if status == 201 else {"If-Match": "*"}

            response = case.call(base_url=server.url, headers={**credentials(server, "admin"), **condition})

            assert response.status_code == status, response.text
            case.validate_response(response, checks=CHECKS[:-1])
