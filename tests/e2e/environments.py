"""One environment of a running stack as its users see it: the API of the origin, and evaluation on either side."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from tests.e2e.documents import Document

Side = Literal["edge", "origin"]
Scope = Literal["client", "server"]

POLL_SECONDS = 0.05
JSON = {"Content-Type": "application/json"}
FROM_MEMORY = ("0", "1", "3")
"""Levels of answers that the edge gave by itself from what it holds."""


@dataclass(frozen=True)
class Keys:
    """The keys of one environment."""

    admin: str
    client: str
    server: str


@dataclass(frozen=True)
class Environment:
    """One environment; ``origin`` and ``edge`` are base URLs."""

    name: str
    origin: str
    edge: str
    keys: Keys
    http: httpx.Client

    def side(self, side: Side) -> str:
        """Return the base URL of a side."""
        return self.edge if side == "edge" else self.origin

    def key(self, scope: Scope) -> str:
        """Return the key that opens a scope."""
        return self.keys.client if scope == "client" else self.keys.server

    def api(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Call the origin's API below this environment, whatever it answers."""
        headers = {"Authorization": f"Bearer {self.keys.admin}", **rest.pop("headers", {})}
        return self.http.request(
            method, f"{self.origin}/api/v1/environments/{self.name}{path}", headers=headers, **rest
        )

    def replace(self, body: Document) -> str:
        """Replace the whole snapshot; return its version once it is committed."""
        reply = self.api("PUT", "/snapshot", json=body, headers={"If-Match": "*"})
        assert reply.is_success, reply.text
        return str(reply.headers["Flaghoist-Version"])

    def put_flag(self, flag: Document) -> str:
        """Write one flag, over whatever it was; return the version once it is committed."""
        path = f"/flags/{flag['key']}"
        seen = self.api("GET", path)
        condition = {"If-Match": seen.headers["ETag"]} if seen.is_success else {"If-None-Match": "*"}
        reply = self.api("PUT", path, json=flag, headers=condition)
        assert reply.is_success, reply.text
        return str(reply.headers["Flaghoist-Version"])

    def snapshot(self) -> Document:
        """Return the snapshot as the origin gives it."""
        found: Document = self.api("GET", "/snapshot").raise_for_status().json()
        return found

    def bulk(
        self,
        side: Side,
        scope: Scope,
        context: Document,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Evaluate all flags over OFREP."""
        return self._post(f"{self.side(side)}/ofrep/v1/evaluate/flags{query}", scope, {"context": context}, headers)

    def single(self, side: Side, scope: Scope, flag: str, context: Document) -> httpx.Response:
        """Evaluate one flag over OFREP."""
        return self._post(f"{self.side(side)}/ofrep/v1/evaluate/flags/{flag}", scope, {"context": context}, None)

    def bootstrap(
        self, context: Document, *, side: Side = "edge", scope: Scope = "server", query: str = ""
    ) -> httpx.Response:
        """Fetch a bootstrap."""
        return self._post(f"{self.side(side)}/v1/bootstrap{query}", scope, {"context": context}, None)

    def value_of(self, flag: str, *, side: Side = "edge") -> Any:
        """Return the value of a flag for a context without attributes, None where the side does not know the flag."""
        return self.bootstrap({"targetingKey": "ada"}, side=side).json()["flags"].get(flag, {}).get("value")

    def reach(self, version: str, *, seconds: float = 20) -> None:
        """Wait until the edge holds ``version``, asking it to."""
        query = f"?min_version={version}"
        wait_until(lambda: self._is_held(self.bootstrap({}, query=query).headers, version), seconds)

    @staticmethod
    def _is_held(headers: httpx.Headers, version: str) -> bool:
        return headers.get("Flaghoist-Version") == version and headers.get("Flaghoist-Level") in FROM_MEMORY

    def _post(self, url: str, scope: Scope, body: Document, headers: Mapping[str, str] | None) -> httpx.Response:
        sent = {**JSON, "Authorization": f"Bearer {self.key(scope)}", **(headers or {})}
        return self.http.post(url, content=json.dumps(body), headers=sent)


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    """Return as soon as ``is_so``; fail when it is not within so many seconds. Unreachable servers count as not yet."""
    deadline = time.monotonic() + seconds
    while not _holds(is_so):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(POLL_SECONDS)


def _holds(is_so: Callable[[], bool]) -> bool:
    try:
        return is_so()
    except httpx.TransportError:
        return False
