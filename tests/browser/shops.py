"""A running demo shop: where it is, and its flags as an operator changes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True)
class Shop:
    """A stack of `flaghoist dev` with the demo shop behind its Worker; ``url`` is the shop's, the edge's own."""

    url: str
    origin: str
    environment: str
    admin_key: str
    client_key: str
    http: httpx.Client

    def flag(self, key: str) -> dict[str, Any]:
        """Return a flag as the origin holds it."""
        found: dict[str, Any] = self._call("GET", key).json()
        return found

    def change(self, key: str, **members: Any) -> str:
        """Merge members into a flag at the origin; return the version that holds the change."""
        return self._call("PATCH", key, headers=ANY_VERSION, json=members).headers["Flaghoist-Version"]

    @contextmanager
    def changed(self, key: str, **members: Any) -> Iterator[str]:
        """Change a flag and put it back afterwards; yields the version of the change."""
        before = self.flag(key)
        try:
            yield self.change(key, **members)
        finally:
            restored = self._call("PUT", key, headers=ANY_VERSION, json=before)
            self.reach(restored.headers["Flaghoist-Version"])

    def reach(self, version: str) -> None:
        """Let the edge serve a version to whoever comes next; by itself it looks for one after half a minute."""
        headers = {"Authorization": f"Bearer {self.client_key}"}
        answer = self.http.get(f"{self.url}/v1/bootstrap", params={"min_version": version}, headers=headers)
        assert answer.headers["Flaghoist-Version"] == version

    def _call(self, method: str, key: str, **request: Any) -> httpx.Response:
        url = f"{self.origin}/api/v1/environments/{self.environment}/flags/{key}"
        headers = {"Authorization": f"Bearer {self.admin_key}", **request.pop("headers", {})}
        return self.http.request(method, url, headers=headers, **request).raise_for_status()
