"""One run of `flaghoist dev`: start the stack, say where it is, and end it on a signal."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from itertools import islice

import msgspec

from flaghoist.model.context import Context
from flaghoist_cli.client.evaluation_client import EvaluationClient
from flaghoist_cli.files.contexts import read_contexts
from flaghoist_cli.local.dev.demo_files import SHOPPER, demo_contexts
from flaghoist_cli.local.dev.settings import DevSettings
from flaghoist_cli.local.dev.stack import Stack, run_stack
from flaghoist_cli.terminal.output import print_json, print_line, print_note, print_quiet_note, toned

LINES_ON_A_TERMINAL = 24
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Announcement(msgspec.Struct, frozen=True):
    """The last line of `flaghoist dev`, for programs: all addresses and keys."""

    origin: str
    edge: str
    environment: str
    admin_key: str
    client_key: str
    server_key: str
    kv: str
    origins: tuple[str, ...]
    shop: str


def run(settings: DevSettings) -> None:
    """Run the stack until this process is told to end; raise CommandFailed when a part of it fails or ends."""
    asyncio.run(_until_signalled(settings))


async def _until_signalled(settings: DevSettings) -> None:
    running = asyncio.ensure_future(run_stack(settings, print_quiet_note, _announce))
    loop = asyncio.get_running_loop()
    signalled: list[signal.Signals] = []

    def end(received: signal.Signals) -> None:
        if not signalled:
            running.cancel()
        signalled.append(received)

    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, end, number)
    try:
        await running
    except asyncio.CancelledError:
        if not signalled:
            raise
        print_note("ended", "quiet")


def _announce(stack: Stack) -> None:
    context = read_contexts(str(demo_contexts()))[SHOPPER]
    for line in _welcome(stack, context):
        print_line(line)
    print_json(_announcement(stack), one_line=True)


def _welcome(stack: Stack, context: Context) -> Iterator[str]:
    running, keys = stack.running, stack.keys
    with EvaluationClient(running.edge, keys.client) as client:
        bootstrap = client.bootstrap(context, min_version=stack.version)
    yield ""
    yield f"edge    {toned(running.edge, 'good')}   evaluates"
    yield f"origin  {toned(running.origin, 'good')}   owns the flags; `flaghoist --help` talks to it"
    yield from (f"origin  {toned(url, 'good')}   on the same database" for url in stack.origins[1:])
    yield from _pages_lines(stack)
    yield ""
    yield "Bootstrap and OFREP, to paste:"
    yield from _curl_lines(f"{running.edge}/v1/bootstrap", keys.client, context)
    yield from _curl_lines(f"{running.edge}/ofrep/v1/evaluate/flags", keys.client, context)
    yield ""
    yield f"One bootstrap, fetched just now for {SHOPPER} (version {bootstrap.version}):"
    yield from _shortened(msgspec.json.format(bootstrap.body, indent=2).decode())
    yield ""


def _curl_lines(url: str, key: str, context: Context) -> Iterator[str]:
    body = msgspec.json.encode({"context": context}).decode()
    yield f"  curl -s {url} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'"


def _shortened(text: str) -> Iterator[str]:
    lines = text.splitlines()
    if not sys.stdout.isatty() or len(lines) <= LINES_ON_A_TERMINAL:
        yield from lines
        return
    yield from islice(lines, LINES_ON_A_TERMINAL)
    yield toned(f"  … {len(lines) - LINES_ON_A_TERMINAL} more lines", "quiet")


def _announcement(stack: Stack) -> Announcement:
    running, keys = stack.running, stack.keys
    return Announcement(
        running.origin,
        running.edge,
        running.environment,
        keys.admin,
        keys.client,
        keys.server,
        running.kv,
        stack.origins,
        _pages_url(stack) if stack.site.shop else "",
    )


def _pages_url(stack: Stack) -> str:
    return f"{stack.running.edge}/"


def _pages_lines(stack: Stack) -> Iterator[str]:
    if stack.site.url:
        name, what = ("shop", "the demo's pages") if stack.site.shop else ("pages", f"those of {stack.site.url}")
        yield f"{name:<7} {toned(_pages_url(stack), 'good')}   {what}, flags in their first bytes"
