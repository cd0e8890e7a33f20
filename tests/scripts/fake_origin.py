"""A small origin over real HTTP: it holds one snapshot and some keys, and fails the test on anything unexpected."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flaghoist.model.flags import FlagSet
from flaghoist_cli.files.flag_files import encode_flag_set

ADMIN_KEY = "fh_admin_production_" + "a" * 43
HEAD = {"environment": "production", "epoch": 1}
BASE = "/api/v1/environments/production"


@dataclass
class OriginState:
    """What the origin holds, and its requests: method and path of every request in order.

    ``outages`` are the problems with which the next replacements are answered; "outcome-unknown" is done all the same,
    "outcome-unknown:lost" is not.
    """

    snapshot: dict[str, Any] = field(default_factory=lambda: {"flags": [], "segments": [], "groups": []})
    version: int = 0
    keys: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    is_overtaken: bool = False
    outages: list[str] = field(default_factory=list)
    publish_problem: str = ""
    signing_keys: list[dict[str, Any]] = field(default_factory=list)
    requires_signed_contexts: bool = False
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    state: OriginState

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self._dispatch()

    def do_PUT(self) -> None:
        self._dispatch()

    def do_POST(self) -> None:
        self._dispatch()

    def do_DELETE(self) -> None:
        self._dispatch()

    def _dispatch(self) -> None:
        request = f"{self.command} {self.path.removeprefix(BASE)}"
        self.state.requests.append(request)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answers: dict[str, Callable[[], None]] = {
            "GET /snapshot": lambda: self._answer({**HEAD, "version": self.state.version, **self.state.snapshot}),
            "PUT /snapshot": lambda: self._replace(json.loads(body)),
            "POST /publish": lambda: self._publish(self.state.publish_problem),
            "POST /recover": lambda: self._publish(""),
            "POST /rollback": lambda: self._replace(self.state.versions[json.loads(body)["to"]]),
            "GET /keys": lambda: self._answer({"items": self.state.keys, "next": None}),
            "POST /keys": lambda: self._answer(self._new_key(json.loads(body))),
            "GET /signing-keys": lambda: self._answer({"items": self.state.signing_keys, "next": None}),
            "POST /signing-keys": lambda: self._answer(self._new_signing_key(json.loads(body)["name"])),
            "POST /signing-keys/s1/rotate": lambda: self._answer(self._rotate_signing_key(json.loads(body))),
            "DELETE /signing-keys/s1": lambda: self._answer(self._revoke_signing_key()),
            "GET /signed-contexts": lambda: self._answer({"required": self.state.requires_signed_contexts}),
            "PUT /signed-contexts": lambda: self._require(json.loads(body)),
            "DELETE /keys/k1": lambda: self._answer({**self.state.keys[0], "revoked_at_ms": 5}),
        }
        answers |= {f"GET /versions/{name}": partial(self._answer, held) for name, held in self.state.versions.items()}
        if self.command == "GET" and self.path.startswith(f"{BASE}/audit?"):
            answers[request] = lambda: self._answer({"items": self.state.audit, "next": None})
        if self.headers.get("Authorization") != f"Bearer {ADMIN_KEY}":
            self._problem(401, "the key is not valid")
        elif request in answers:
            answers[request]()
        else:
            self._problem(500, f"the test did not expect {request}")

    def _publish(self, problem: str) -> None:
        if problem:
            self._problem(409, "publishing is refused", problem)
            return
        version = f"1-{self.state.version}"
        self._answer({"environment": "production", "version": version, "values_written": 2, "bytes": 1234})

    def _replace(self, body: dict[str, Any]) -> None:
        if self.state.outages:
            slug, _, fate = self.state.outages.pop(0).partition(":")
            if slug == "outcome-unknown" and fate != "lost":
                self.state.snapshot = body
                self.state.version += 1
            self._problem(503, "the database is away", slug)
            return
        if self.state.is_overtaken or self.headers.get("If-Match") != f'"1-{self.state.version}"':
            self._problem(412, "the snapshot has changed")
            return
        if comment := self.headers.get("Flaghoist-Comment"):
            self.state.comments.append(comment.encode("latin-1").decode())
        self.state.snapshot = body
        self.state.version += 1
        self._answer({})

    def _new_key(self, wanted: dict[str, Any]) -> dict[str, Any]:
        made = {"id": f"k{len(self.state.keys) + 1}", "created_at_ms": 0, **wanted}
        self.state.keys.append(made)
        return {**made, "key": f"fh_{wanted['kind']}_production_{'b' * 43}"}

    def _new_signing_key(self, name: str) -> dict[str, Any]:
        key_id = f"s{len(self.state.signing_keys) + 1}"
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": "p" * 43, "kid": key_id}
        made = {"id": key_id, "name": name, "created_at_ms": 0, "public_jwk": jwk}
        self.state.signing_keys.append(made)
        return {**made, "private_jwk": {**jwk, "d": "q" * 43}, "private_pem": "a private key"}

    def _rotate_signing_key(self, wanted: dict[str, Any]) -> dict[str, Any]:
        self.state.signing_keys[0]["expires_at_ms"] = wanted["overlap_seconds"] * 1000
        return self._new_signing_key(self.state.signing_keys[0]["name"])

    def _revoke_signing_key(self) -> dict[str, Any]:
        self.state.signing_keys[0]["revoked_at_ms"] = 5
        return self.state.signing_keys[0]

    def _require(self, wanted: dict[str, Any]) -> None:
        self.state.requires_signed_contexts = wanted["required"]
        self._answer(wanted)

    def _problem(self, status: int, detail: str, slug: str = "internal") -> None:
        body = {"type": f"urn:flaghoist:problem:{slug}", "title": "problem", "detail": detail, "status": status}
        self._answer(body, status)

    def _answer(self, body: object, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if status == 503:
            self.send_header("Retry-After", "1")
        self.send_header("ETag", f'"1-{self.state.version}"')
        self.send_header("Flaghoist-Version", f"1-{self.state.version}")
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def fake_origin(flagset: FlagSet | None = None) -> Iterator[OriginState]:
    """Serve a fake origin that holds ``flagset``; its state can be read and changed while it runs."""
    state = OriginState()
    if flagset is not None:
        state.snapshot, state.version = json.loads(encode_flag_set(flagset)), 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
