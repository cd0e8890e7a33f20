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
from flaghoist_cli.deploy.cloudflare_account import ACCOUNT_VARIABLE
from flaghoist_cli.deploy.deployment import Deployment
from flaghoist_cli.deploy.pipeline import StepResult, roll_back, run_steps
from flaghoist_cli.terminal.output import Tone, say, say_json, table, toned

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
    works offline: it builds everything and prints each module that would be uploaded.
    """
    deployment = Deployment(
        environment=environment,
        environ=os.environ,
        origins=origins,
        url=edge.rstrip("/"),
        secret_path=data_dir / f"deploy-{environment}.secret",
    )
    if not dry_run:
        confirm(f"{'Roll back' if version else 'Deploy'} the {environment} Worker?", yes=yes)
    taken = roll_back(deployment, version, is_dry_run=dry_run) if version else run_steps(deployment, is_dry_run=dry_run)
    steps = tuple(_told(taken, quiet=as_json))
    if as_json:
        say_json(
            Deployed(
                environment,
                dry_run,
                steps,
                deployment.upload,
                deployment.url,
                deployment.namespace,
                deployment.version_id,
            )
        )
        return
    if dry_run and deployment.upload:
        for line in _module_lines(deployment.upload):
            say(line)
    if not version:
        for line in _origin_lines(deployment, dry_run=dry_run):
            say(line)


def _told(steps: Iterator[StepResult], *, quiet: bool) -> Iterator[StepResult]:
    marks: dict[str, tuple[str, Tone]] = {"done": ("✓", "good"), "would do": ("·", "quiet")}
    for step in steps:
        if not quiet:
            mark, tone = marks[step.outcome]
            say(f"{toned(mark, tone)} {step.step}: {'would ' if step.outcome == 'would do' else ''}{step.detail}")
        yield step


def _module_lines(upload: Upload) -> list[str]:
    rows = [[module.name, module.kind, f"{module.bytes / KIB:.1f}"] for module in upload.modules]
    size = f"{upload.raw_bytes / KIB:.0f} KiB, {upload.gzip_bytes / KIB:.0f} KiB gzip"
    totals = f"{len(rows)} modules, {size}: nothing was uploaded (--dry-run)"
    return ["", *table(("module", "kind", "KiB"), rows, right=frozenset({2})), "", totals]


def _origin_lines(deployment: Deployment, *, dry_run: bool) -> list[str]:
    account = deployment.environ.get(ACCOUNT_VARIABLE, "…")
    return [
        "",
        f"The origin {'would need' if dry_run else 'needs'} in its environment:",
        f"  FLAGHOIST_SECRET        the content of {deployment.secret_path}, or your own value of this variable",
        f"  FLAGHOIST_KV_ACCOUNT    {account}",
        f"  FLAGHOIST_KV_NAMESPACE  {deployment.namespace or '(printed by the deployment)'}",
        "  FLAGHOIST_KV_TOKEN      a token with Workers KV Storage: Edit, and nothing else",
    ]
