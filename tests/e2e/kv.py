"""The stack's KV from outside: what is stored and written, and how it shall fail."""

from dataclasses import dataclass
from typing import Any

import httpx

from flaghoist.snapshot.manifest import decode_manifest, manifest_key
from flaghoist_cli.data.settings import ACCOUNT, KV_API, NAMESPACE

PAGE = 1_000


@dataclass(frozen=True)
class Write:
    """One value that was written over REST; the time is KV's."""

    key: str
    bytes: int
    at_ms: int


@dataclass(frozen=True)
class Kv:
    """The KV REST API of a local edge, with its fault injection."""

    url: str
    token: str
    http: httpx.Client

    def keys(self, prefix: str) -> list[str]:
        """Return all keys that begin with ``prefix``."""
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._get("/keys", params={"prefix": prefix, "limit": PAGE, "cursor": cursor}).json()
            found += [entry["name"] for entry in page["result"]]
            cursor = page["result_info"]["cursor"] or None
        return found

    def value(self, key: str) -> bytes:
        """Return the value of a key that exists."""
        return self._get(f"/values/{key}").content

    def published(self, environment: str) -> str:
        """Return the version that an environment's manifest names, empty where there is none."""
        key = manifest_key(environment)
        return str(decode_manifest(self.value(key)).snapshot_version) if key in self.keys(key) else ""

    def writes(self) -> list[Write]:
        """Return the last 200 writes, oldest first."""
        stats = self.http.get(f"{self.url}/stats").raise_for_status().json()
        return [Write(**write) for write in stats["writes"]]

    def fail(self, *, rest: str = "ok", binding: str = "ok") -> None:
        """Let REST (what the origin uses) and the binding (what the Worker uses) fail from now on as named."""
        faults = {"rest": rest, "binding": binding}
        self.http.post(f"{self.url}/faults", json=faults).raise_for_status()

    def work(self) -> None:
        """End all faults."""
        self.fail()

    def _get(self, tail: str, **rest: Any) -> httpx.Response:
        url = f"{self.url}{KV_API}/accounts/{ACCOUNT}/storage/kv/namespaces/{NAMESPACE}{tail}"
        return self.http.get(url, headers={"Authorization": f"Bearer {self.token}"}, **rest).raise_for_status()
