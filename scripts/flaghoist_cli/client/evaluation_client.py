"""Request evaluations from an edge or an origin, over the public protocols."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from flaghoist.model.context import Context
from flaghoist.protocol.freshness import LEVEL_HEADER, VERSION_HEADER
from flaghoist.protocol.keys import bearer
from flaghoist_cli.client.evaluation import EvaluationResult
from flaghoist_cli.client.http_request import DIRECT, send_request
from flaghoist_cli.terminal.failure import CommandFailed

Body = TypeVar("Body")

TIMEOUT_SECONDS = 10.0
FLAG_VERSION = "flagVersion"
_ABOUT_ONE_FLAG = frozenset({400, 404})


class EdgeBootstrap(msgspec.Struct, frozen=True):
    """A bootstrap answer: its freshness headers, each flag's JSON by key, and the body as received."""

    version: str
    level: str
    flags: Mapping[str, msgspec.Raw]
    body: bytes


class _BootstrapBody(msgspec.Struct):
    flags: dict[str, msgspec.Raw]


class _OfrepBody(msgspec.Struct, rename="camel"):
    key: str = ""
    reason: str = "ERROR"
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    variant: str | None = None
    error_code: str = ""
    error_details: str = ""
    metadata: dict[str, str | int | float | bool] = {}


class EvaluationClient:
    """Requests to one base URL with one key; use it as a context manager."""

    def __init__(self, base_url: str, key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=base_url,
            headers={"Authorization": bearer(key)},
            timeout=TIMEOUT_SECONDS,
            mounts=DIRECT if transport is None else None,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def evaluate(self, flag: str, context: Context) -> EvaluationResult:
        """Return the answer for one flag; a flag without a value is an answer too."""
        body = msgspec.json.encode({"context": context})
        path = f"/ofrep/v1/evaluate/flags/{quote(flag, safe='')}"
        response = send_request(self._client, "POST", path, body=body, accepted=_ABOUT_ONE_FLAG)
        answer = _decoded(response, _OfrepBody)
        metadata = {name: str(value) for name, value in answer.metadata.items()}
        return EvaluationResult(
            key=flag,
            reason=answer.reason,
            value=answer.value,
            variation=answer.variant,
            error_code=answer.error_code,
            error_details=answer.error_details,
            version=int(metadata.pop(FLAG_VERSION, "0")),
            metadata=metadata,
        )

    def bootstrap(self, context: Context, min_version: str = "") -> EdgeBootstrap:
        """Return all flags for one context, from a snapshot at least as new as ``min_version`` if possible."""
        query = f"?min_version={min_version}" if min_version else ""
        body = msgspec.json.encode({"context": context})
        response = send_request(self._client, "POST", f"/v1/bootstrap{query}", body=body)
        flags = _decoded(response, _BootstrapBody).flags
        headers = response.headers
        return EdgeBootstrap(headers.get(VERSION_HEADER, ""), headers.get(LEVEL_HEADER, ""), flags, response.content)


def _decoded(response: httpx.Response, kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.MsgspecError as error:
        raise CommandFailed(
            f"{response.request.url} does not answer like Flaghoist ({error}): check the address"
        ) from error
