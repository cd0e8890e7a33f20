"""The declaration of one method of one path, beside its handler: `@operation("List flags", …)`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from flaghoist.model.flags import JsonValue

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
Place = Literal["query", "header"]
Schema = Mapping[str, JsonValue]
JSON = "application/json"
PROBLEM = "application/problem+json"


class Access(StrEnum):
    """The credential that an operation needs."""

    OPEN = "open"
    KEY = "key"
    EVALUATION = "evaluation"
    EDGE = "edge"
    METRICS = "metrics"


@dataclass(frozen=True)
class Parameter:
    """A query parameter or a request header."""

    name: str
    description: str
    schema: Schema
    place: Place = "query"
    is_required: bool = False


@dataclass(frozen=True)
class Body:
    """A request body: one of ``types``, each by its media type; members named ``optional`` may be left out of it."""

    types: Mapping[str, Any]
    optional: tuple[str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class ResponseDescription:
    """An answer; ``content`` maps media types to the type that msgspec encodes, `bytes` if there is no schema."""

    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """All that the document says of one method; ``problems`` are the statuses beside those that ``access`` implies."""

    summary: str
    access: Access
    answers: Mapping[int, ResponseDescription]
    problems: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None


def component(name: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator that names a type in the document otherwise than in the code: clients know the first name."""

    def rename(type_: type[T]) -> type[T]:
        type_.__name__ = name
        return type_

    return rename


@dataclass(frozen=True)
class DescribedHandler:
    """A handler with its declaration."""

    handler: Callable[..., Awaitable[Response]]
    operation: Operation

    async def __call__(self, request: Request, *known: Any) -> Response:
        """Handle the request; ``known`` is the visit, if the handler takes one."""
        return await self.handler(request, *known)


def operation(
    summary: str,
    *,
    access: Access,
    answers: Mapping[int, ResponseDescription],
    problems: tuple[int, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    body: Body | None = None,
) -> Callable[[Callable[..., Awaitable[Response]]], DescribedHandler]:
    """Return a decorator that attaches the declaration to a handler."""
    declared = Operation(
        summary=summary, access=access, answers=answers, problems=problems, parameters=parameters, body=body
    )
    return lambda handler: DescribedHandler(handler, declared)
