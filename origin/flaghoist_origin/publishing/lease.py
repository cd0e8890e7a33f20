"""The lease of an environment: one origin at a time may publish it, for a limited time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from flaghoist.errors import Unavailable
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.environments.publication import PublicationStorage

LOG = logging.getLogger("flaghoist.publisher")
RETRY_SECONDS = 1
RENEWED_AFTER = 1 / 3


class LeaseHeld(Unavailable):
    """Another origin has the lease of the environment."""

    slug = "lease-held"
    title = "Another origin is publishing"


class Lease:
    """The leases that ``holder`` takes, each for ``duration_seconds`` unless renewed."""

    def __init__(self, store: PublicationStorage, clock: Clock, *, holder: str, duration_seconds: float) -> None:
        self._store, self._clock = store, clock
        self._holder = holder
        self._duration_ms = round(duration_seconds * 1000)
        self._in_doubt_until_ms: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, environment: str) -> AsyncIterator[None]:
        """Hold the lease for the duration of a block, however long; raise LeaseHeld if another origin has it.

        It is released at the end; after a write with unknown outcome it is left to expire.
        """
        await self.renew(environment)
        renewing = asyncio.create_task(self._keep_renewing(environment))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._release(environment)

    async def renew(self, environment: str) -> None:
        """Renew or take the lease for its full duration from now; raise LeaseHeld if another origin has it."""
        if not await self._store.take_lease(environment, self._holder, self._duration_ms):
            raise LeaseHeld(
                f"another origin is publishing {environment}: its lease ends within {self._duration_ms / 1000:g} s",
                RETRY_SECONDS,
            )

    async def _keep_renewing(self, environment: str) -> None:
        """Renew until cancelled or until another origin has taken over, which is noticed before the next write."""
        while True:
            await asyncio.sleep(self._duration_ms * RENEWED_AFTER / 1000)
            try:
                await self.renew(environment)
            except LeaseHeld:
                return
            except Unavailable as error:
                LOG.warning("the lease of %s was not renewed: %s", environment, error)

    async def _release(self, environment: str) -> None:
        if self._clock.now_ms() < self._in_doubt_until_ms.get(environment, 0):
            return
        try:
            await self._store.release_lease(environment, self._holder)
        except Unavailable as error:
            LOG.warning("the lease of %s is left to expire: %s", environment, error)

    @contextmanager
    def guard_write(self, environment: str) -> Iterator[None]:
        """Mark a block as the write that the lease guards.

        A failed or interrupted write may still take effect, so nobody else should write until the lease has expired.
        """
        is_done = False
        try:
            yield
            is_done = True
        finally:
            if not is_done:
                self._in_doubt_until_ms[environment] = self._clock.now_ms() + self._duration_ms
