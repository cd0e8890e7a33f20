"""`flaghoist dev`: the whole product on this machine, until it is stopped."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flaghoist_cli.client.target import check_base_url
from flaghoist_cli.commands.options import data_dir_option, examples
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.installation.deferred import SET_UP_CHECKOUT, DeferredModule
from flaghoist_cli.local.dev.settings import DevSettings

if TYPE_CHECKING:
    from flaghoist_cli.local.dev import session
else:
    session = DeferredModule("flaghoist_cli.local.dev.session", SET_UP_CHECKOUT)

MOST_ORIGINS = 9
PORT = click.IntRange(0, 65_535)


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
    checkout("`flaghoist dev`", run="make run")
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
    session.run(settings)
