"""`flaghoist dev`: the whole product on this machine, until it is stopped."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import msgspec

from demo import CONTEXTS, SHOPPER
from flaghoist.model.context import Context
from flaghoist_cli.client.answers_client import AnswersClient
from flaghoist_cli.client.target import check_base_url
from flaghoist_cli.commands.options import data_dir_option, examples
from flaghoist_cli.files.contexts import read_contexts
from flaghoist_cli.local.dev_stack import DevSettings, Stack, run_stack
from flaghoist_cli.terminal.output import say, say_aside, say_json, toned

LINES_ON_A_TERMINAL = 24
MOST_ORIGINS = 9
PORT = click.IntRange(0, 65_535)
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


@click.command(
    "dev",
    epilog=examples(
        "flaghoist dev",
        "flaghoist dev --origin-port 0 --edge-port 0 --data-dir /var/tmp/try --no-demo",
        "flaghoist dev --no-demo --upstream-url http://localhost:3000",
        "flaghoist dev --database-url postgresql://flags@localhost/flags --redis-url redis://localhost --origins 3",
    ),
)
@click.option(
    "--origin-port", type=PORT, default=8000, show_default=True, help="Port of the origin; 0 takes a free one."
)
@click.option("--edge-port", type=PORT, default=8787, show_default=True, help="Port of the edge; 0 takes a free one.")
@click.option(
    "--demo/--no-demo", "has_demo", default=True, help="Load the demo shop on the first start.  [default: demo]"
)
@click.option(
    "--database-url",
    default="",
    help="URL of the origins' database, postgresql:// or sqlite://; a SQLite file in the data folder if empty.",
)
@click.option(
    "--redis-url", default="", help="URL of a Valkey or Redis through which origins notify each other of changes."
)
@click.option(
    "--origins",
    type=click.IntRange(1, MOST_ORIGINS),
    default=1,
    show_default=True,
    help="How many origins to start on the same database.",
)
@click.option(
    "--upstream-url",
    default="",
    help="Base URL of a site to put behind the Worker, instead of the demo shop.",
)
@click.option("--reload", "reloads", is_flag=True, help="Restart edge or origin when their sources change.")
@click.option(
    "--edge-alone", "is_edge_alone", is_flag=True, help="Start no origin, to see how the edge behaves without one."
)
@data_dir_option
def dev(
    *,
    origin_port: int,
    edge_port: int,
    has_demo: bool,
    database_url: str,
    redis_url: str,
    origins: int,
    upstream_url: str,
    reloads: bool,
    is_edge_alone: bool,
    data_dir: Path,
) -> None:
    """Run edge, KV and origin on this machine.

    Prints the addresses, commands to paste, and one bootstrap answer that it has just fetched. The last line is one
    JSON object with addresses and keys. Runs until Ctrl-C or SIGTERM, and then ends everything it has started. Logs go
    to standard error. If the origin dies, the edge continues to answer, as in production; SIGUSR1 starts the origin
    again.
    """
    upstream_url = upstream_url.rstrip("/")
    if upstream_url:
        check_base_url("--upstream-url", upstream_url)
    settings = DevSettings(
        origin_port,
        edge_port,
        data_dir,
        has_demo,
        database_url,
        reloads,
        is_edge_alone,
        redis_url,
        origins,
        upstream_url,
    )
    asyncio.run(_until_signalled(settings))


async def _until_signalled(settings: DevSettings) -> None:
    running = asyncio.ensure_future(run_stack(settings, lambda told: say_aside(told, "quiet"), _announce))
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
        say_aside("ended", "quiet")


def _announce(stack: Stack) -> None:
    context = read_contexts(str(CONTEXTS))[SHOPPER]
    for line in _welcome(stack, context):
        say(line)
    say_json(_announcement(stack), one_line=True)


def _welcome(stack: Stack, context: Context) -> Iterator[str]:
    running, keys = stack.running, stack.keys
    with AnswersClient(running.edge, keys.client) as client:
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
