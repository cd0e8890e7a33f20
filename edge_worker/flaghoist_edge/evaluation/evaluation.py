"""Evaluate at the edge: from memory if fresh enough, at an origin if the caller asks for it or nothing is cached."""

from collections.abc import Mapping

from flaghoist.answers.answering import answer, authorise, defaults, names_strong_flag
from flaghoist.answers.verification import verify_context
from flaghoist.errors import KeyRefused, UnknownSigningKey
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.freshness import CONSISTENCY_HEADER, TIMING_HEADER, server_timing
from flaghoist.protocol.requests import EvaluationRequest, Freshness, Request, Response
from flaghoist_edge.evaluation.edge_attributes import EdgeAttributes
from flaghoist_edge.evaluation.reporting import Reporter
from flaghoist_edge.freshness.cache import CachedSnapshot
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.platform import EdgeClock, Exchange, Signatures, Unreachable
from flaghoist_edge.ports.timing import ORIGIN_DEADLINE_MS, STRONG_DEADLINE_MS

EVENTUAL = "eventual"
STRONG = "strong"

_NO_ATTRIBUTES: Mapping[str, JsonValue] = {}


class Evaluator:
    """Answers evaluation requests; one per isolate. A ``reporter`` receives what single-flag answers served."""

    def __init__(
        self,
        *,
        policy: FreshnessPolicy,
        origins: Origins,
        clock: EdgeClock,
        signatures: Signatures,
        reporter: Reporter | None = None,
    ) -> None:
        self._policy = policy
        self._origins = origins
        self._clock = clock
        self._signatures = signatures
        self._reporter = reporter

    async def evaluate(self, request: Request, exchange: Exchange) -> Response:
        """Return the response to an evaluation request; raise the FlaghoistError that explains why there is none."""
        evaluation = read_evaluation(request)
        started_ms = self._clock.now_ms()
        cached = await self._policy.current(evaluation.environment, exchange)
        if cached.snapshot is None:
            return await self._without_snapshot(request, evaluation, exchange, cached)
        try:
            return await self._from_memory(request, evaluation, exchange, cached, started_ms)
        except (KeyRefused, UnknownSigningKey):
            if not await self._policy.look_for_keys(evaluation.environment, cached, exchange):
                raise
            return await self._from_memory(request, evaluation, exchange, cached, started_ms)

    async def _from_memory(
        self,
        request: Request,
        evaluation: EvaluationRequest,
        exchange: Exchange,
        cached: CachedSnapshot,
        started_ms: int,
    ) -> Response:
        if evaluation.token:
            evaluation = await self._verify(evaluation, cached)
        fence = evaluation.fence
        if fence is None and not evaluation.wants_strong:
            return self._answer(evaluation, exchange, cached, started_ms)
        kind = authorise(evaluation, cached.serving, started_ms)
        notes: tuple[str, ...] = ()
        if fence is not None:
            notes = await self._policy.reach_fence(evaluation.environment, cached, fence, exchange)
        if not names_strong_flag(evaluation, cached.serving, kind):
            return self._answer(evaluation, exchange, cached, started_ms, notes=notes)
        try:
            return await self._forward(request, exchange, STRONG_DEADLINE_MS, {CONSISTENCY_HEADER: STRONG})
        except Unreachable:
            return self._answer(evaluation, exchange, cached, started_ms, notes=notes, consistency=EVENTUAL)

    async def _verify(self, evaluation: EvaluationRequest, cached: CachedSnapshot) -> EvaluationRequest:
        """Return the evaluation request with the context from its verified token."""
        return await verify_context(evaluation, cached.serving, self._signatures.verify, self._clock.now_ms())

    def _answer(
        self,
        evaluation: EvaluationRequest,
        exchange: Exchange,
        cached: CachedSnapshot,
        started_ms: int,
        *,
        notes: tuple[str, ...] = (),
        consistency: str = "",
    ) -> Response:
        now_ms = self._clock.now_ms()
        freshness, snapshot = cached.freshness(now_ms), cached.serving
        if notes or consistency or now_ms > started_ms:
            legs_ms = {"snapshot": now_ms - started_ms} if now_ms > started_ms else {}
            freshness = Freshness(freshness.level, freshness.age_seconds, freshness.notes + notes, legs_ms, consistency)
        edge_attributes = EdgeAttributes(exchange.cf) if snapshot.reads_edge else _NO_ATTRIBUTES
        response = answer(evaluation, snapshot, freshness, now_ms=now_ms, edge_attributes=edge_attributes)
        if response.look_up is not None and self._reporter is not None:
            self._reporter.report_look_ups(evaluation.key, (response.look_up,), exchange)
        return response

    async def _without_snapshot(
        self, request: Request, evaluation: EvaluationRequest, exchange: Exchange, cached: CachedSnapshot
    ) -> Response:
        """Let an origin answer while its snapshot loads in the background; else use that load, or defaults."""
        started_ms = self._clock.now_ms()
        self._policy.load_in_background(evaluation.environment, cached, exchange)
        try:
            return await self._forward(request, exchange, ORIGIN_DEADLINE_MS, {})
        except Unreachable as error:
            cached.record_origin_fault(error)
        if cached.snapshot is None:
            return defaults(evaluation)
        if evaluation.token:
            evaluation = await self._verify(evaluation, cached)
        return self._answer(evaluation, exchange, cached, started_ms)

    async def _forward(
        self, request: Request, exchange: Exchange, deadline_ms: int, marks: Mapping[str, str]
    ) -> Response:
        started_ms = self._clock.now_ms()
        response = await self._origins.forward(request, EdgeAttributes(exchange.cf), deadline_ms)
        leg = {TIMING_HEADER: server_timing({"origin": self._clock.now_ms() - started_ms})}
        return Response(response.status, {**response.headers, **leg, **marks}, response.body)
