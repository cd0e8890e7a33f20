"""Evaluate at the edge: from memory if fresh enough, at an origin if the caller asks for it or nothing is cached."""

from collections.abc import Mapping

import msgspec

from flaghoist.answers.answering import answer, authorise, defaults, names_strong_flag
from flaghoist.answers.verification import verify_context
from flaghoist.errors import KeyRefused, UnknownSigningKey
from flaghoist.protocol.evaluation_requests import read
from flaghoist.protocol.freshness import CONSISTENCY_HEADER, TIMING_HEADER, server_timing
from flaghoist.protocol.requests import EvaluationRequest, Freshness, Request, Response
from flaghoist_edge.evaluation.edge_attributes import EdgeAttributes
from flaghoist_edge.evaluation.reporting import Reporter
from flaghoist_edge.freshness.cache import CachedSnapshot
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.platform import Background, EdgeClock, Signatures, Unreachable
from flaghoist_edge.ports.settings import WorkerSettings
from flaghoist_edge.ports.timing import ORIGIN_DEADLINE_MS, STRONG_DEADLINE_MS

EVENTUAL = "eventual"
STRONG = "strong"


class Asked(msgspec.Struct, frozen=True):
    """An evaluation request with its HTTP request, and the work that may outlive its answer."""

    question: EvaluationRequest
    call: Request
    edge: EdgeAttributes
    background: Background


class Evaluator:
    """Answers evaluation requests; one per isolate. A ``reporter`` receives the single-flag answers."""

    def __init__(
        self,
        settings: WorkerSettings,
        ladder: FreshnessPolicy,
        origins: Origins,
        clock: EdgeClock,
        signatures: Signatures,
        *,
        reporter: Reporter | None = None,
    ) -> None:
        self._settings = settings
        self._ladder = ladder
        self._origins = origins
        self._clock = clock
        self._signatures = signatures
        self._reporter = reporter

    async def evaluate(self, call: Request, edge: EdgeAttributes, background: Background) -> Response:
        """Return the reply to an evaluation request; raise the FlaghoistError that explains why there is none."""
        asked = Asked(read(call), call, edge, background)
        environment = asked.question.environment
        if not self._settings.serves(environment):
            raise KeyRefused(f"this key is of environment {environment}, which is not served here")
        started_ms = self._clock.now_ms()
        slot = await self._ladder.current(environment, background)
        if slot.held is None:
            return await self._without_snapshot(asked, slot)
        try:
            return await self._from_memory(asked, slot, started_ms)
        except (KeyRefused, UnknownSigningKey):
            if not await self._ladder.doubt_key(environment, slot, background):
                raise
            return await self._from_memory(asked, slot, started_ms)

    async def _from_memory(self, asked: Asked, slot: CachedSnapshot, started_ms: int) -> Response:
        if asked.question.token:
            asked = await self._believed(asked, slot)
        question = asked.question
        if question.floor is None and not question.wants_strong:
            return self._answer(asked, slot, started_ms)
        kind = authorise(question, slot.snapshot, started_ms)
        notes: tuple[str, ...] = ()
        if question.floor is not None:
            notes = await self._ladder.reach(question.environment, slot, question.floor, asked.background)
        if not names_strong_flag(question, slot.snapshot, kind):
            return self._answer(asked, slot, started_ms, notes)
        try:
            return await self._forward(asked, STRONG_DEADLINE_MS, {CONSISTENCY_HEADER: STRONG})
        except Unreachable:
            return self._answer(asked, slot, started_ms, notes, EVENTUAL)

    async def _believed(self, asked: Asked, slot: CachedSnapshot) -> Asked:
        """Return the evaluation request with the context from its verified token."""
        now_ms = self._clock.now_ms()
        question = await verify_context(asked.question, slot.snapshot, self._signatures.verify, now_ms)
        return msgspec.structs.replace(asked, question=question)

    def _answer(
        self, asked: Asked, slot: CachedSnapshot, started_ms: int, notes: tuple[str, ...] = (), consistency: str = ""
    ) -> Response:
        now_ms = self._clock.now_ms()
        standing = slot.standing(now_ms)
        if notes or consistency or now_ms > started_ms:
            legs_ms = {"snapshot": now_ms - started_ms} if now_ms > started_ms else {}
            standing = Freshness(standing.level, standing.age_seconds, standing.notes + notes, legs_ms, consistency)
        reply = answer(asked.question, slot.snapshot, standing, now_ms=now_ms, edge_attributes=asked.edge)
        if self._reporter is not None and asked.question.route == "single":
            self._reporter.note(asked.question, reply, asked.background)
        return reply

    async def _without_snapshot(self, asked: Asked, slot: CachedSnapshot) -> Response:
        """Let an origin answer while its snapshot loads in the background; else use that load, or defaults."""
        started_ms = self._clock.now_ms()
        self._ladder.load_behind(asked.question.environment, slot, asked.background)
        try:
            return await self._forward(asked, ORIGIN_DEADLINE_MS, {})
        except Unreachable as error:
            slot.blame_origin(error)
        if slot.held is None:
            return defaults(asked.question)
        if asked.question.token:
            asked = await self._believed(asked, slot)
        return self._answer(asked, slot, started_ms)

    async def _forward(self, asked: Asked, deadline_ms: int, marks: Mapping[str, str]) -> Response:
        started_ms = self._clock.now_ms()
        reply = await self._origins.forward(asked.call, asked.edge, deadline_ms)
        leg = {TIMING_HEADER: server_timing({"origin": self._clock.now_ms() - started_ms})}
        return Response(reply.status, {**reply.headers, **leg, **marks}, reply.body)
