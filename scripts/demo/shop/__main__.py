"""Serve the shop on this machine: ``python -m demo.shop --port 8790 --connect http://127.0.0.1:8000``."""

import sys

import click
import uvicorn

from demo.shop.bundles import bundles
from demo.shop.site import create_site
from flaghoist_cli.local.ports import HOST
from flaghoist_cli.terminal.failure import CommandFailed


@click.command()
@click.option("--port", type=int, required=True, help="Port to listen on.")
@click.option("--connect", "connects", multiple=True, help="Base URL that the pages may connect to, besides their own.")
def main(port: int, connects: tuple[str, ...]) -> None:
    """Bundle the shop and serve it until it is ended."""
    try:
        site = create_site(bundles(), connects)
    except CommandFailed as failure:
        click.echo(failure, err=True)
        sys.exit(1)
    uvicorn.run(site, host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main()
