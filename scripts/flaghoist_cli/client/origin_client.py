"""The origin's API as typed calls: callers get structs and one-sentence errors, never HTTP."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist.protocol.freshness import VERSION_HEADER
from flaghoist.protocol.keys import bearer
from flaghoist_cli.client.http_request import DIRECT, send_request
from flaghoist_cli.client.target import OriginTarget
from flaghoist_cli.files.flag_files import encode_flag_set, parse_flag_set
from flaghoist_cli.terminal.failure import CommandFailed

Record = TypeVar("Record")

TIMEOUT_SECONDS = 30.0
AUDIT_PAGE = 1_000
ENVIRONMENTS = "/api/v1/environments"


class RemoteSnapshot(msgspec.Struct, frozen=True):
    """An environment's flags at the origin, with the ETag that a write must name."""

    flagset: FlagSet
    version: str
    etag: str

    @property
    def is_untouched(self) -> bool:
        """Return whether nothing was ever written to the environment."""
        return self.version.endswith("-0")


class KeyInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One key as the origin lists it; ``key``, its text, is set only in the answer that issued it."""

    id: str
    kind: str
    name: str
    created_at_ms: int
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None
    role: str | None = None
    last_used_at_ms: int | None = None
    key: str = ""


class Published(msgspec.Struct, frozen=True):
    """The result of a publish."""

    environment: str
    version: str
    values_written: int
    bytes: int


class AuditInfo(msgspec.Struct, frozen=True):
    """One entry of the audit log; ``before`` and ``after`` are JSON documents."""

    id: int
    at_ms: int
    actor_id: str
    actor_name: str
    action: str
    target: str
    comment: str
    epoch: int
    version: int
    before: object = None
    after: object = None


class _AuditPage(msgspec.Struct):
    items: tuple[AuditInfo, ...]
    next: str | None = None


class EnvironmentInfo(msgspec.Struct, frozen=True):
    """The state of one environment, and the number of its entities."""

    name: str
    epoch: int
    version: int
    committed_at_ms: int
    flags: int
    segments: int
    groups: int


class NewEnvironmentInfo(msgspec.Struct, frozen=True):
    """An environment that was created, and its first key with its text."""

    environment: EnvironmentInfo
    key: KeyInfo


class _EnvironmentPage(msgspec.Struct):
    items: tuple[EnvironmentInfo, ...]


class _KeyPage(msgspec.Struct):
    items: tuple[KeyInfo, ...]


class OriginClient:
    """Calls the origin that a `OriginTarget` names; use it as a context manager."""

    def __init__(
        self, target: OriginTarget, transport: httpx.BaseTransport | None = None, *, comment: str = ""
    ) -> None:
        """Create a client of ``target``; ``comment`` goes into the audit log with everything it writes."""
        self.target = target
        with_comment = {"Flaghoist-Comment": comment} if comment else {}
        self._client = httpx.Client(
            base_url=target.origin,
            headers=httpx.Headers({"Authorization": bearer(target.key), **with_comment}, encoding="utf-8"),
            timeout=TIMEOUT_SECONDS,
            mounts=DIRECT if transport is None else None,
            transport=transport,
        )
        self._base = f"{ENVIRONMENTS}/{target.environment}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def snapshot(self) -> RemoteSnapshot:
        """Return all flags, segments and groups of the environment."""
        response = self._send("GET", "/snapshot")
        version = response.headers.get(VERSION_HEADER, "")
        return RemoteSnapshot(parse_flag_set(response.content), version, response.headers.get("ETag", ""))

    def replace_snapshot(self, flagset: FlagSet, if_match: str) -> str:
        """Replace everything if the state is still ``if_match``; return the new version."""
        response = self._send("PUT", "/snapshot", encode_flag_set(flagset), {"If-Match": if_match})
        return str(response.headers.get(VERSION_HEADER, ""))

    def keys(self) -> tuple[KeyInfo, ...]:
        """Return all keys of the environment, without their texts."""
        return self._read(self._send("GET", "/keys"), _KeyPage).items

    def issue_key(self, kind: str, name: str, *, role: str = "", expires_at: str = "") -> KeyInfo:
        """Create a key and return it with its text.

        ``role`` is for admin keys; ``expires_at`` is RFC 3339, empty for a key that stays valid.
        """
        wanted = {"kind": kind, "name": name, "role": role, "expires_at": expires_at}
        given = {name: value for name, value in wanted.items() if value}
        return self._read(self._send("POST", "/keys", msgspec.json.encode(given)), KeyInfo)

    def rotate_key(self, key_id: str, overlap_seconds: int) -> KeyInfo:
        """Create a successor of a key and return it with its text; the old one stays valid for the overlap."""
        wanted = msgspec.json.encode({"overlap_seconds": overlap_seconds})
        return self._read(self._send("POST", f"/keys/{quoted(key_id)}/rotate", wanted), KeyInfo)

    def revoke_key(self, key_id: str) -> KeyInfo:
        """Revoke a key at once and return it."""
        return self._read(self._send("DELETE", f"/keys/{quoted(key_id)}"), KeyInfo)

    def version(self, version: str) -> FlagSet:
        """Return all flags, segments and groups as they were at an earlier version."""
        return parse_flag_set(self._send("GET", f"/versions/{quoted(version)}").content)

    def roll_back(self, version: str, if_match: str) -> str:
        """Make an earlier version's content current, if the state is still ``if_match``."""
        body = msgspec.json.encode({"to": version})
        return str(self._send("POST", "/rollback", body, {"If-Match": if_match}).headers.get(VERSION_HEADER, ""))

    def audit(self, limit: int, **filters: str) -> tuple[AuditInfo, ...]:
        """Return up to ``limit`` entries of the audit log, newest first."""
        found: list[AuditInfo] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < limit:
            given = {"limit": str(min(limit - len(found), AUDIT_PAGE)), "cursor": cursor, **filters}
            query = urlencode({name: value for name, value in given.items() if value})
            page = self._read(self._send("GET", f"/audit?{query}"), _AuditPage)
            found += page.items
            cursor = page.next
        return tuple(found)

    def environments(self) -> tuple[EnvironmentInfo, ...]:
        """Return the environments that the key may see."""
        return self._read(send_request(self._client, "GET", ENVIRONMENTS), _EnvironmentPage).items

    def environment(self) -> EnvironmentInfo:
        """Return the state of the environment."""
        return self._read(self._send("GET", ""), EnvironmentInfo)

    def create_environment(self, name: str, *, copy_from: str = "", salts: str = "") -> NewEnvironmentInfo:
        """Create an environment, empty or as a copy of the target's, and return it with its first key."""
        wanted = {"name": name, "copy_from": copy_from, "salts": salts}
        body = msgspec.json.encode({member: value for member, value in wanted.items() if value})
        return self._read(send_request(self._client, "POST", ENVIRONMENTS, body=body), NewEnvironmentInfo)

    def remove_environment(self) -> EnvironmentInfo:
        """Remove the target's environment and return it as it was."""
        return self._read(self._send("DELETE", f"?confirm={quoted(self.target.environment)}"), EnvironmentInfo)

    def publish(self) -> Published:
        """Publish to KV now and return the result."""
        return self._read(self._send("POST", "/publish"), Published)

    def recover(self) -> Published:
        """If KV is ahead, make the origin's state the newest, and publish it."""
        return self._read(self._send("POST", "/recover"), Published)

    def send_json(
        self, method: str, path: str, kind: type[Record], wanted: Mapping[str, object] | None = None
    ) -> Record:
        """Return the API's answer at a path below the environment's; ``wanted`` is sent as JSON."""
        body = b"" if wanted is None else msgspec.json.encode(wanted)
        return self._read(self._send(method, path, body), kind)

    def _send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return send_request(self._client, method, self._base + path, body=body, headers=headers)

    def _read(self, response: httpx.Response, kind: type[Record]) -> Record:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            raise CommandFailed(
                f"{response.request.url} does not answer as this version expects ({error}): "
                "use the same version of Flaghoist on both sides"
            ) from error


def quoted(text: str) -> str:
    """Return text as one segment of a path, percent-encoded."""
    return quote(text, safe="")
