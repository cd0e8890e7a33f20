"""The command behind `make release-check` and `make version`."""

import sys
from pathlib import Path

import click

from release.check import check_release
from release.failure import ReleaseFailed
from release.projects import ROOT
from release.versions import current, raise_version


@click.group()
def main() -> None:
    """Check a release, or raise the version."""


@main.command("check")
@click.option("--twine", required=True, type=click.Path(exists=True, path_type=Path), help="The twine program.")
def check(twine: Path) -> None:
    """Build every distribution, and check each as its users get it."""
    check_release(click.echo, twine.absolute())


@main.command("version")
@click.argument("version", required=False)
def version_command(version: str | None) -> None:
    """Write VERSION to every file that names one; without it, say which it is."""
    if version is None:
        click.echo(current(ROOT))
        return
    for path in raise_version(ROOT, version):
        click.echo(f"{path}: {version}")


if __name__ == "__main__":
    try:
        main(standalone_mode=True, prog_name="release")
    except ReleaseFailed as failure:
        sys.exit(f"release: {failure}")
