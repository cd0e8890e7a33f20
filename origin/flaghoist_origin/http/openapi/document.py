"""Build the OpenAPI 3.1 document from the routes' declarations; schemas come from the types that they encode."""

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

import msgspec
from starlette.routing import BaseRoute

from flaghoist.model.flags import Flag
from flaghoist.protocol.edge_origin import TOKEN_HEADER
from flaghoist.protocol.events import Exposure, Track
from flaghoist.version import VERSION
from flaghoist_origin.http.operations.operation import PROBLEM, Access, Body, Operation, Parameter, ResponseDescription
from flaghoist_origin.http.operations.parts import HEADERS, Problem
from flaghoist_origin.http.resources.resource import DescribedRoute

OPENAPI = "3.1.0"
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/components/schemas/{name}"
PROBLEM_REF = "#/components/responses/problem{}"
PATH_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
PATH_SCHEMAS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "env": ("Name of the environment.", {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}),
    "key": ("Key of the flag, segment or group.", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}),
    "id": ("Id of the key.", {"type": "string", "pattern": "^[0-9a-f]{16}$"}),
    "sha256": ("Hash of the shard, in hex.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, `fh_<kind>_<env>_<secret>`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key", "description": "Client keys alone."},
    "edge": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER},
    "scraper": {"type": "http", "scheme": "bearer", "description": "FLAGHOIST_METRICS_TOKEN, where one is set."},
}
SCHEMES: Mapping[Access, tuple[str, ...]] = {
    Access.OPEN: (),
    Access.KEY: ("bearer", "header"),
    Access.EVALUATION: ("bearer", "header", "query"),
    Access.EDGE: ("edge",),
    Access.METRICS: ("scraper",),
}
PROBLEMS: Mapping[Access, tuple[int, ...]] = {
    Access.OPEN: (),
    Access.KEY: (401, 403, 404, 503),
    Access.EVALUATION: (400, 401, 403, 413, 503),
    Access.EDGE: (401, 404, 503),
    Access.METRICS: (401,),
}
PROBLEM_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def document(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return the document of all ``routes`` that declare operations."""
    declared = list(_declared(routes))
    schemas = _Schemas(operation for _, _, operation in declared)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, operation in declared:
        item = paths.setdefault(PATH_PARAMETER.sub(r"{\1}", path), {})
        item[method.lower()] = _operation(path, method, operation, schemas)
    return {
        "openapi": OPENAPI,
        "jsonSchemaDialect": SCHEMA_DIALECT,
        "info": {
            "title": "Flaghoist origin",
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.components,
            "responses": {f"problem{status}": _problem(status, schemas) for status in _problem_statuses(declared)},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def undeclared(routes: Iterable[BaseRoute]) -> list[str]:
    """Return every method of ``routes`` without a declaration, as ``GET /path``."""
    missing: list[str] = []
    for route in routes:
        declared = set(route.operations) if isinstance(route, DescribedRoute) else set()
        methods = getattr(route, "methods", None) or {"*"}
        wanted = {"*"} if methods == {"*"} else set(methods) - {"HEAD"}
        if declared and wanted in ({"*"}, declared):
            continue
        missing.extend(f"{method} {getattr(route, 'path', route)}" for method in sorted(wanted - declared))
    return missing


def _problem_statuses(declared: Iterable[tuple[str, str, Operation]]) -> list[int]:
    return sorted({status for _, _, one in declared for status in (*PROBLEMS[one.access], *one.problems)})


def _declared(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, Operation]]:
    for route in routes:
        if isinstance(route, DescribedRoute):
            for method, operation in route.operations.items():
                yield route.path, method, operation


PHRASES = {413: "Request Entity Too Large"}
"""Phrases that Python 3.13 has changed: the description is the same on every Python."""


class _Schemas:
    """The schemas of all types that operations name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        types: list[Any] = [Flag, Problem, Exposure, Track]
        trimmed: list[tuple[Any, tuple[str, ...]]] = []
        for operation in operations:
            types.extend(_types(operation))
            if operation.body and operation.body.optional:
                trimmed.extend((type_, operation.body.optional) for type_ in operation.body.types.values())
        self._types = list(dict.fromkeys(types))
        made, components = msgspec.json.schema_components(self._types, schema_hook=_any, ref_template=REF)
        self._made = dict(zip(self._types, made, strict=True))
        self.components: dict[str, Any] = {name: _without_indent(schema) for name, schema in components.items()}
        for type_, optional in trimmed:
            self.components[_trimmed_name(type_)] = _without(self.components[type_.__name__], optional)
        self.components = dict(sorted(self.components.items()))

    def of(self, type_: Any, optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
        """Return the schema of a type, or a reference to it."""
        return {"$ref": REF.format(name=_trimmed_name(type_))} if optional else self._made[type_]


def _types(operation: Operation) -> Iterator[Any]:
    if operation.body:
        yield from operation.body.types.values()
    for answer in operation.answers.values():
        yield from (type_ for type_ in answer.content.values() if type_ is not bytes)


def _without_indent(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema whose description reads alike on every Python: those before 3.13 keep a docstring's indent."""
    description = schema.get("description")
    return {**schema, "description": cleandoc(description)} if description else schema


def _any(_: type) -> dict[str, Any]:
    return {"description": "any JSON value"}


def _trimmed_name(type_: Any) -> str:
    return f"{type_.__name__}Body"


def _without(schema: Mapping[str, Any], optional: tuple[str, ...]) -> dict[str, Any]:
    return {**schema, "required": [name for name in schema["required"] if name not in optional]}


def _operation(path: str, method: str, operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    statuses = sorted({*PROBLEMS[operation.access], *operation.problems})
    answers = {str(status): _answer(answer, schemas) for status, answer in operation.answers.items()}
    problems = {str(status): {"$ref": PROBLEM_REF.format(status)} for status in statuses}
    made: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(path, method),
        "security": _security(operation.access),
        "parameters": [*map(_path_parameter, PATH_PARAMETER.findall(path)), *map(_parameter, operation.parameters)],
        "responses": dict(sorted({**problems, **answers}.items())),
    }
    if operation.body:
        made["requestBody"] = _body(operation.body, schemas)
    return made


def _security(access: Access) -> list[dict[str, list[str]]]:
    named: list[dict[str, list[str]]] = [{scheme: []} for scheme in SCHEMES[access]]
    return [*named, {}] if access is Access.METRICS else named


def _operation_id(path: str, method: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", PATH_PARAMETER.sub(r"by_\1", path))
    return "_".join((method.lower(), *words))


def _path_parameter(name: str) -> dict[str, Any]:
    description, schema = PATH_SCHEMAS.get(name, ("", {"type": "string"}))
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.is_required,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _body(body: Body, schemas: _Schemas) -> dict[str, Any]:
    content = {media: {"schema": schemas.of(type_, body.optional)} for media, type_ in body.types.items()}
    return {"required": body.is_required, "content": content}


def _answer(answer: ResponseDescription, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        made["headers"] = dict(map(_header, answer.headers))
    if answer.content:
        made["content"] = {media: _content(type_, schemas) for media, type_ in answer.content.items()}
    return made


def _content(type_: Any, schemas: _Schemas) -> dict[str, Any]:
    return {} if type_ is bytes else {"schema": schemas.of(type_)}


def _problem(status: int, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": PHRASES.get(status) or HTTPStatus(status).phrase,
        "content": {PROBLEM: {"schema": schemas.of(Problem)}},
    }
    if status in PROBLEM_HEADERS:
        made["headers"] = dict(map(_header, PROBLEM_HEADERS[status]))
    return made


def _header(name: str) -> tuple[str, dict[str, Any]]:
    description, schema = HEADERS[name]
    return name, {"description": description, "required": True, "schema": schema}
