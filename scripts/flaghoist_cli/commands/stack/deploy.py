"""`flaghoist deploy`: deploy the Worker to Cloudflare, step by step, or show offline what would be uploaded."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from flaghoist_cli.build.wrangler import Upload
from flaghoist_cli.commands.options import (
    confirm,
    data_dir_option,
    dry_run_option,
    edge_option,
    examples,
    json_option,
    yes_option,
)
from flaghoist_cli.deploy.deployment import Deployment
from flaghoist_cli.deploy.login import ACCOUNT_VARIABLE
from flaghoist_cli.deploy.packages import packages_of
from flaghoist_cli.deploy.pipeline import StepResult, roll_back, run_steps
from flaghoist_cli.files.secret_file import SECRET_VARIABLE
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.terminal.output import Tone, counted, print_json, print_line, toned

KIB = 1024


class Deployed(msgspec.Struct, frozen=True):
    """What the deployment did, or would do."""

    environment: str
    dry_run: bool
    steps: tuple[StepResult, ...]
    upload: Upload | None
    url: str
    namespace: str
    version_id: str


@click.command(
    "deploy",
    epilog=examples(
        "flaghoist deploy --dry-run",
        "flaghoist deploy --env staging --origin https://flags.example.com",
        "flaghoist deploy --env production --rollback 0f6b4d1e-1c1f-4f5e-9f2a-8a5f0c6f2b11",
    ),
)
@click.option(
    "--env",
    "environment",
    type=click.Choice(["staging", "production"]),
    default="production",
    show_default=True,
    help="Which Worker.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="URL",
    help="Base URL of an origin; repeat in the order in which the edge tries them.",
)
@click.option(
    "--rollback", "version", metavar="VERSION_ID", help="Roll back to this earlier version of the Worker instead."
)
@yes_option
@dry_run_option
@json_option
@edge_option
@data_dir_option
def deploy(
    *,
    environment: str,
    origins: tuple[str, ...],
    version: str | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    edge: str,
    data_dir: Path,
) -> None:
    """Deploy the Worker to Cloudflare.

    Needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID; docs/deploy.md lists the permissions of the token. --dry-run
    works offline: it builds everything and prints what would be uploaded, with --json each module.
    """
    root = checkout("`flaghoist deploy`", run="make setup && .venv/bin/flaghoist deploy")
    deployment = Deployment(
        environment=environment,
        environ=os.environ,
        origins=origins,
        url=edge.rstrip("/"),
        secret_path=data_dir / f"deploy-{environment}.secret",
        root=root,
    )
    if not dry_run:
        confirm(f"{'Roll back' if version else 'Deploy'} the {environment} Worker?", yes=yes)
    results = (
        roll_back(deployment, version, is_dry_run=dry_run) if version else run_steps(deployment, is_dry_run=dry_run)
    )
    steps = tuple(_printed(results, quiet=as_json))
    if as_json:
        print_json(_deployed(deployment, steps, dry_run=dry_run))
    elif not version:
        for line in _lines(deployment, dry_run=dry_run):
            print_line(line)


def _deployed(deployment: Deployment, steps: tuple[StepResult, ...], *, dry_run: bool) -> Deployed:
    return Deployed(
        deployment.environment,
        dry_run,
        steps,
        deployment.upload,
        deployment.url,
        deployment.namespace,
        deployment.version_id,
    )


def _printed(steps: Iterator[StepResult], *, quiet: bool) -> Iterator[StepResult]:
    marks: dict[str, tuple[str, Tone]] = {"done": ("✓", "good"), "would do": ("·", "quiet")}
    for step in steps:
        if not quiet:
            mark, tone = marks[step.outcome]
            print_line(
                f"{toned(mark, tone)} {step.step}: {'would ' if step.outcome == 'would do' else ''}{step.detail}"
            )
        yield step


def _lines(deployment: Deployment, *, dry_run: bool) -> Iterator[str]:
    """Yield what is said after the steps; a dry run with all of its steps fits a screen of 24 lines."""
    if dry_run and deployment.upload:
        yield ""
        yield from _upload_lines(deployment.upload)
    yield ""
    yield from _origin_lines(deployment, dry_run=dry_run)


def _upload_lines(upload: Upload) -> Iterator[str]:
    for package in packages_of(upload.modules):
        yield f"  {package.name:<16} {package.modules:>4} modules  {package.bytes / KIB:>7.1f} KiB"
    size = f"{upload.raw_bytes / KIB:.0f} KiB, {upload.gzip_bytes / KIB:.0f} KiB gzip"
    yield f"{counted(len(upload.modules), 'module')}, {size}: nothing was uploaded (--dry-run)"


def _origin_lines(deployment: Deployment, *, dry_run: bool) -> list[str]:
    account = deployment.environ.get(ACCOUNT_VARIABLE, "…")
    is_given = bool(deployment.environ.get(SECRET_VARIABLE))
    return [
        f"The origin {'would need' if dry_run else 'needs'} in its environment:",
        f"  FLAGHOIST_SECRET        {'as it is here' if is_given else f'the content of {deployment.secret_path}'}",
        f"  FLAGHOIST_KV_ACCOUNT    {account}",
        f"  FLAGHOIST_KV_NAMESPACE  {deployment.namespace or '(printed by the deployment)'}",
        "  FLAGHOIST_KV_TOKEN      a token with Workers KV Storage: Edit alone",
    ]
