"""Retry a call of the KV API until it succeeds or its deadline is reached, at the pace that Cloudflare asks for."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from flaghoist.backoff import Backoff
from flaghoist_origin.kv.answers import KvFault
from flaghoist_origin.kv.pacing import KeyPacer

T = TypeVar("T")


class Attempts:
    """Makes calls that raise `KvFault`, each under one deadline that covers all its attempts."""

    def __init__(
        self,
        deadline_seconds: float,
        backoff: Backoff,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._deadline_seconds, self._backoff = deadline_seconds, backoff
        self._monotonic, self._sleep = monotonic, sleep
        self._pacer = KeyPacer(monotonic)
        self._blocked_until = monotonic()

    async def make(
        self,
        action: str,
        call: Callable[[], Awaitable[T]],
        writes: Collection[str] = (),
        deadline_seconds: float | None = None,
    ) -> T:
        """Return the result of ``call``; raise KvUnavailable naming ``action``.

        ``writes`` are the keys that it writes; ``deadline_seconds`` replaces the default deadline.
        """
        deadline = self._monotonic() + (deadline_seconds or self._deadline_seconds)
        attempt, fault = 0, None
        while True:
            wait = self._seconds_to_turn(writes)
            if self._monotonic() + wait >= deadline:
                # The earlier failure is more useful than the fact that no time is left for a retry.
                raise (fault or KvFault("Cloudflare asked for a slower pace")).as_error(action, wait)
            if wait > 0:
                await self._sleep(wait)
            try:
                return await self._attempt(call, deadline)
            except KvFault as failed:
                fault = failed
            delay = self._backoff.delay_seconds(attempt, fault.wait_seconds)
            if not fault.is_transient or self._monotonic() + delay >= deadline:
                raise fault.as_error(action, delay)
            await self._sleep(delay)
            attempt += 1

    def _seconds_to_turn(self, writes: Collection[str]) -> float:
        return max(self._pacer.book(writes), self._blocked_until - self._monotonic())

    async def _attempt(self, call: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Make one attempt with half of the remaining time, so that a stalled connection leaves time for another."""
        span = (deadline - self._monotonic()) / 2
        try:
            async with asyncio.timeout(span):
                return await call()
        except TimeoutError as error:
            raise KvFault(f"no answer within {span:.1f} s") from error
        except KvFault as fault:
            # A rate limit applies to the whole account, so it delays every other call too.
            self._blocked_until = max(self._blocked_until, self._monotonic() + fault.wait_seconds)
            raise
