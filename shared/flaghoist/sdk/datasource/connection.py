"""Connect a provider to its origins: one thread that keeps its store up to date and its cache file written."""

import asyncio
import random
from collections.abc import Callable

import httpx

from flaghoist.backoff import Backoff
from flaghoist.sdk.datasource.source import SnapshotSource
from flaghoist.sdk.datasource.synchronizer import Synchronizer
from flaghoist.sdk.runtime.background import BackgroundThread
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.store.saving import Saver
from flaghoist.sdk.store.store import SnapshotStore

THREAD = "flaghoist-sdk"


def connect(
    options: Options, store: SnapshotStore, saver: Saver, report_fault: Callable[[Exception], None]
) -> BackgroundThread:
    """Start the thread and return it; ``report_fault`` is called with what is no fault of an origin."""

    async def main() -> None:
        async with httpx.AsyncClient(**options.http) as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(saver.run())
            await _synchronizer(options, store, client).run()

    background = BackgroundThread(main, report_fault, THREAD)
    background.start()
    return background


def _synchronizer(options: Options, store: SnapshotStore, client: httpx.AsyncClient) -> Synchronizer:
    sources = [
        SnapshotSource(
            client,
            url,
            options.key,
            options.environment,
            request_seconds=options.request_seconds,
            silence_seconds=options.silence_seconds,
        )
        for url in options.origins
    ]
    return Synchronizer(
        sources,
        store,
        Backoff(options.retry_seconds, options.most_retry_seconds, random.random, least_share=0.5),
        poll_seconds=options.poll_seconds,
        request_seconds=options.request_seconds,
    )
