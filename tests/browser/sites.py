"""A site on this machine: pages, flags answered by the code that edge and origin run, and its going away."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from flaghoist.answers.answering import answer
from flaghoist.answers.page_script import SCRIPT_PATH, page_script
from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.answers.verification import verify_context
from flaghoist.errors import FlaghoistError
from flaghoist.hydration import head_html
from flaghoist.protocol.cors import CORS_HEADERS, preflight
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.paths import is_evaluation
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Freshness, Request, Response
from flaghoist_cli.local.ports import HOST
from tests.published import CLIENT_KEY, NOW_MS, Published
from tests.signing import at_once, verify

BULK = "/ofrep/v1/evaluate/flags"
EVENTS = "/v1/events"
HTML = "text/html; charset=utf-8"
ICON = '<link rel="icon" href="data:,">'
JAVASCRIPT = "text/javascript; charset=utf-8"
STANDING = Freshness(age_seconds=2)
POLL_SECONDS = 0.01
RETRY_AFTER_SECONDS = 60
SILENCE = -1
"""What a bulk request fails with that is never answered."""

Document = dict[str, Any]


@dataclass
class Site:
    """Pages by path, the flags of ``held``, and what was asked.

    ``fails_with`` makes bulk requests fail: a status, 0, which cuts the connection, or `SILENCE`. ``event_status`` is
    the answer to events; with 202 they are ``accepted``.
    """

    held: ServingSnapshot
    url: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    accepted: list[Document] = field(default_factory=list)
    fails_with: int | None = None
    event_status: int = 202
    ended: threading.Event = field(default_factory=threading.Event)

    def publish(self, snapshot: Published) -> None:
        """Answer from another snapshot from now on."""
        self.held = snapshot.held()

    def evaluate(self, context: Mapping[str, Any], token: str = "") -> Response:
        """Return the bulk answer for a context, or for that which a token signs, without a request."""
        body = msgspec.json.encode({"context": context})
        signed = {"flaghoist-context": token} if token else {}
        return self._answer(Request("POST", BULK, "", {"x-api-key": CLIENT_KEY, **signed}, body))

    def head(self, context: Mapping[str, Any], *, nonce: str = "", token: str = "") -> str:
        """Return what a page of this person carries."""
        told = self.evaluate(context, token)
        return head_html(
            told.body,
            etag=told.headers["ETag"],
            context=msgspec.json.encode(context),
            key=CLIENT_KEY,
            nonce=nonce,
            signed_context=token,
        ).decode()

    def show(self, path: str, head: str, body: str = "") -> str:
        """Serve a page at ``path``; return its URL."""
        page = f"<!doctype html><html lang=en><head>{ICON}{head}<title>page</title></head><body>{body}</body></html>"
        self.pages[path] = (HTML, page.encode())
        return self.url + path

    def serve(self, path: str, script: bytes) -> str:
        """Serve a script at ``path``; return the element that loads it."""
        self.pages[path] = (JAVASCRIPT, script)
        return f'<script src="{path}"></script>'

    def asked_for(self, path: str) -> list[Request]:
        """Return the requests for a path."""
        return [call for call in self.asked if call.path == path]

    def reply(self, call: Request) -> Response | None:
        """Return what is answered, None where the connection is cut."""
        self.asked.append(call)
        if call.method == "OPTIONS":
            return preflight(call)
        if call.path in self.pages:
            content_type, body = self.pages[call.path]
            return Response(200, {"Content-Type": content_type, "Cache-Control": "no-store"}, body)
        if call.path == EVENTS:
            return self._take(call)
        if is_evaluation(call.path) and self.fails_with is not None:
            return self._fail(self.fails_with)
        return self._answer(call)

    def _fail(self, status: int) -> Response | None:
        if status == SILENCE:
            self.ended.wait()
        return Response(status, dict(CORS_HEADERS)) if status > 0 else None

    def _take(self, call: Request) -> Response | None:
        if self.event_status == 0:
            return None
        events = msgspec.json.decode(call.body)["events"]
        if self.event_status == 202:
            known = {event["id"] for event in self.accepted}
            self.accepted.extend(event for event in events if event["id"] not in known)
        body = msgspec.json.encode({"accepted": len(events), "duplicates": 0, "refused": []})
        headers = {"Content-Type": "application/json", **CORS_HEADERS}
        if self.event_status == 429:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return Response(self.event_status, headers, body)

    def _answer(self, call: Request) -> Response:
        try:
            if call.path == SCRIPT_PATH:
                return page_script(call)
            question = read_evaluation(call)
            if question.token:
                question = at_once(verify_context(question, self.held, verify, NOW_MS))
            return answer(question, self.held, STANDING, now_ms=NOW_MS)
        except FlaghoistError as error:
            return refuse(error, call)


@contextmanager
def a_site(snapshot: Published) -> Iterator[Site]:
    """Run a site until the end of the block."""
    site = Site(snapshot.held())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            """Answer one request, or cut its connection."""
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = site.reply(Request(self.command, path, query, headers, body))
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_OPTIONS = answer

        def log_message(self, *_: object) -> None:
            """Write nothing: a browser asks for icons, too."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        server.daemon_threads = True
        site.url = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.ended.set()
            server.shutdown()
            thread.join()
