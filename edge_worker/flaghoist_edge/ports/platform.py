"""The Worker's interfaces to the outside, as protocols; `flaghoist_edge.runtime` implements them for Cloudflare."""

import asyncio
from collections.abc import Mapping
from typing import Protocol, TypeVar

import msgspec

from flaghoist.errors import Unavailable
from flaghoist.protocol.requests import Request, Response

T = TypeVar("T")


class Unreachable(Unavailable):
    """KV or an origin failed, or did not answer in time."""


class Kv(Protocol):
    """Reads of the KV namespace."""

    async def get(self, key: str, cache_seconds: int) -> bytes | None:
        """Return a value, at most ``cache_seconds`` old in this data centre; None if there is none.

        Raises Unreachable.
        """


class OutgoingRequest(msgspec.Struct, frozen=True):
    """A request to an origin."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


class Web(Protocol):
    """Requests to other servers."""

    async def send(self, request: OutgoingRequest, deadline_ms: int) -> Response:
        """Return the answer, header names in lower case; raise Unreachable if none came before the deadline."""


class Signatures(Protocol):
    """Signature checks by the runtime."""

    async def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Return whether Ed25519 made the signature (64 bytes) of the message with the key (32 bytes)."""


class EdgeClock(Protocol):
    """Time as the Worker sees it: it stands still while code runs and moves on at I/O."""

    def now_ms(self) -> int:
        """Return milliseconds since the Unix epoch."""

    async def sleep(self, ms: int) -> None:
        """Return after ``ms``."""

    async def wait(self, task: "asyncio.Task[T]", ms: int) -> bool:
        """Wait for the task at most ``ms`` and leave it running; return whether it is done."""


class Background(Protocol):
    """Work that outlives the answer."""

    def keep_alive(self, task: "asyncio.Task[None]") -> None:
        """Keep the task, which was started in this request, alive after its answer."""


class Entropy(Protocol):
    """Randomness that cannot be predicted."""

    def random_bytes(self, count: int) -> bytes:
        """Return that many random bytes."""


class ForwardedRequest(msgspec.Struct, frozen=True):
    """Where a request is forwarded, and which headers are removed, replaced, or added.

    Its method and its body stay as they are.
    """

    url: str
    removed: tuple[str, ...] = ()
    replaced: Mapping[str, str] = {}
    added: tuple[tuple[str, str], ...] = ()


class UpstreamResponse(Protocol):
    """The answer of another server, of which only the head has arrived."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers by lower-case name, read one by one; repeated ones are joined by commas."""


class Exchange(Background, Protocol):
    """One request to the isolate, and what the runtime can do for it; every access may cross into JavaScript."""

    @property
    def url(self) -> str:
        """The absolute URL, percent-encoding kept."""

    @property
    def cf(self) -> Mapping[str, object]:
        """Cloudflare's data about the request, read one by one."""

    async def read(self) -> Request:
        """Return the request, once; its headers may be read one by one, by lower-case name.

        A body comes as far as `body_limit` of its path goes; one that is longer is cut off right behind the limit.
        """

    async def forward(self, onward: ForwardedRequest) -> UpstreamResponse:
        """Forward the request to another server, streaming its body; redirects are not followed.

        Raises Unreachable. Cancelling this aborts the request.
        """


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an isolate can reach beside the requests to it."""

    kv: Kv
    web: Web
    clock: EdgeClock
    entropy: Entropy
    signatures: Signatures
