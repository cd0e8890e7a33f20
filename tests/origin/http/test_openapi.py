"""The OpenAPI document: every route and nothing else, schemas of what travels, and the copy in docs as it is served."""

import json
from collections.abc import Iterator

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from flaghoist.protocol.paths import METHODS, find_route
from flaghoist.validation import prepare_flag
from flaghoist_origin.http.app import all_routes
from flaghoist_origin.http.openapi.document import document, undeclared
from flaghoist_origin.http.operations.evaluation import EVALUATIONS
from flaghoist_origin.http.resources.resource import DescribedRoute, resource
from tests.builders import a_clause, a_flag
from tests.origin.an_origin import AnOrigin, a_document
from tests.project import ROOT

DOCUMENT = document(all_routes())
COPY = ROOT / "docs" / "openapi.json"


def operations() -> Iterator[tuple[str, str]]:
    return ((method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item)


def test_document__every_route__is_in_it_and_nothing_else() -> None:
    served = {
        (method, route.path.replace(":rest}", "}"))
        for route in all_routes()
        if isinstance(route, DescribedRoute)
        for method in (route.methods or route.operations)
        if method != "HEAD"
    }

    assert undeclared(all_routes()) == []
    assert set(operations()) == served


def test_undeclared__handler_without_promise__named() -> None:
    async def handle(_: Request) -> Response:
        return Response()

    assert undeclared([resource("/new", GET=handle, POST=handle)]) == ["GET /new", "POST /new"]


@pytest.mark.parametrize("path", EVALUATIONS)
def test_evaluations__methods__are_those_of_the_shared_answers(path: str) -> None:
    route = find_route(path.replace("{key:rest}", "checkout"))

    assert route is not None
    assert set(EVALUATIONS[path]) == set(METHODS[route])


def test_document__references__all_lead_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    references = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}

    for reference in references:
        place: object = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            place = place[name]
    assert len(references) > 30


def test_document__operation_ids__differ() -> None:
    ids = [operation["operationId"] for item in DOCUMENT["paths"].values() for operation in item.values()]

    assert len(set(ids)) == len(ids)


def flag_validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})


def test_flag_schema__flag_as_written_and_as_read__valid() -> None:
    flag = a_flag("checkout").on().rule("de", a_clause("country", "in", "de"), serve="on").build()
    read = msgspec.json.decode(msgspec.json.encode(flag))

    flag_validator("FlagBody").validate(a_document())
    flag_validator("Flag").validate(read)
    assert prepare_flag(read).key == "checkout"


@pytest.mark.parametrize(
    "members",
    [{"unknown": 1}, {"rules": [{"id": "x"}]}, {"fallthrough": {"rollout": {"weights": 3}}}, {"on": "yes"}],
)
def test_flag_schema__what_the_api_refuses__invalid(members: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        flag_validator("FlagBody").validate(a_document(**members))


@pytest.mark.anyio
async def test_served__without_key__is_the_document(origin: AnOrigin) -> None:
    response = await origin.client.get("/api/openapi.json")

    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(DOCUMENT))


def test_copy_in_docs__is_what_is_served() -> None:
    assert json.loads(COPY.read_text()) == json.loads(json.dumps(DOCUMENT)), (
        "write it anew: .venv/bin/python -m flaghoist_origin.openapi > docs/openapi.json"
    )
