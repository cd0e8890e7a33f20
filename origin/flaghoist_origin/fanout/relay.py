"""Relay hints: our commits to the other origins, theirs to our environments, across any loss of the transport.

A lost hint costs time, never a change: every origin also polls the database each ``refresh_seconds``.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from flaghoist.backoff import Backoff
from flaghoist.errors import NotFound, Unavailable
from flaghoist_origin.fanout.hints import Hint, decode_hint, encode_hint, is_news
from flaghoist_origin.fanout.transport import FanoutChannel, FanoutLost, Transport
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import Marks

LOG = logging.getLogger("flaghoist.fanout")
RETRIES = Backoff(base_seconds=0.2, cap_seconds=5.0, draw=random.random)


class Relay:
    """Start `run` as a task; call `announce` after each commit."""

    def __init__(
        self,
        transport: Transport,
        environments: Environments,
        *,
        backoff: Backoff = RETRIES,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transport, self._environments = transport, environments
        self._backoff, self._sleep = backoff, sleep
        self._received: dict[str, Marks] = {}
        self._to_send: dict[str, None] = {}
        self._to_refresh: dict[str, None] = {}
        self._has_to_send, self._has_to_refresh = asyncio.Event(), asyncio.Event()
        self.is_connected = False

    def announce(self, environment: str) -> None:
        """Announce that an environment has changed here, unless another origin has just announced it; returns at once.

        Removals are not announced: other origins see them at their next poll.
        """
        marks = self._marks_of(environment)
        if marks and is_news(Hint(environment, marks), self._received.get(environment)):
            self._to_send[environment] = None
            self._has_to_send.set()

    async def run(self) -> None:
        """Relay hints until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._refresh_named())
            group.create_task(self._stay_connected())

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                async with self._transport.connect(self._receive) as channel:
                    LOG.info("fan-out by %s is connected", self._transport.name)
                    failures, self.is_connected = 0, True
                    self._catch_up()
                    await self._exchange(channel)
            except FanoutLost as error:
                level = logging.DEBUG if failures else logging.WARNING
                LOG.log(
                    level,
                    "fan-out by %s is lost: polling for changes until it is back: %s",
                    self._transport.name,
                    error,
                )
            finally:
                self.is_connected = False
            await self._sleep(self._backoff.delay_seconds(failures))
            failures += 1

    async def _exchange(self, channel: FanoutChannel) -> None:
        """Receive and send hints until the channel is lost."""
        tasks = {asyncio.ensure_future(work) for work in (channel.listen(), self._send_hints(channel))}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _send_hints(self, channel: FanoutChannel) -> None:
        while True:
            if not self._to_send:
                await self._has_to_send.wait()
            self._has_to_send.clear()
            while self._to_send:
                environment = next(iter(self._to_send))
                del self._to_send[environment]  # before the send: a commit during the send is announced after it
                if marks := self._marks_of(environment):
                    try:
                        await channel.send(encode_hint(Hint(environment, marks)))
                    except BaseException:
                        self._to_send[environment] = None
                        raise

    def _receive(self, message: str | bytes) -> None:
        hint = decode_hint(message)
        if hint is None:
            LOG.debug("fan-out by %s: ignored a message that is not a hint", self._transport.name)
        elif is_news(hint, self._marks_of(hint.environment)):
            self._received[hint.environment] = hint.marks
            self._to_refresh[hint.environment] = None
            self._has_to_refresh.set()

    def _catch_up(self) -> None:
        """Refresh every environment once: hints that were sent while the channel was down are lost."""
        self._to_refresh.update(dict.fromkeys(self._environments.names))
        self._has_to_refresh.set()

    async def _refresh_named(self) -> None:
        """Refresh the environments that hints name; all hints that arrive meanwhile cause one more refresh."""
        while True:
            await self._has_to_refresh.wait()
            self._has_to_refresh.clear()
            while self._to_refresh:
                name = next(iter(self._to_refresh))
                del self._to_refresh[name]
                await self._refresh(name)

    async def _refresh(self, name: str) -> None:
        try:
            await self._environments.refresh(name)
        except Unavailable as error:
            LOG.debug("%s could not be read; retrying at the next poll: %s", name, error)
        except NotFound:
            LOG.debug("a hint names the environment %s, which is not in this database", name)

    def _marks_of(self, environment: str) -> Marks | None:
        try:
            return self._environments.get(environment).record.marks
        except NotFound:
            return None
