"""Run the steps of a deployment one after the other; the first that fails ends it."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from flaghoist_cli.deploy.deployment import Deployment
from flaghoist_cli.deploy.login import read_login
from flaghoist_cli.deploy.steps import STEPS, verify_health


class StepResult(msgspec.Struct, frozen=True):
    """What one step did, or would do in a dry run."""

    step: str
    outcome: Literal["done", "would do"]
    detail: str


def run_steps(deployment: Deployment, *, is_dry_run: bool) -> Iterator[StepResult]:
    """Yield each step's result as it ends; raise CommandFailed if one fails.

    A dry run executes the steps that only build, needs no network once the wheels are vendored, and describes the
    others.
    """
    for step in STEPS:
        if is_dry_run and step.preview:
            yield StepResult(step.name, "would do", step.preview(deployment))
        else:
            yield StepResult(step.name, "done", step.run(deployment))


def roll_back(deployment: Deployment, version: str, *, is_dry_run: bool) -> Iterator[StepResult]:
    """Yield the steps that restore an earlier version of the Worker; flags and their versions are not changed."""
    command = f"run `wrangler rollback {version} --env {deployment.environment}`"
    if is_dry_run:
        yield StepResult("roll back", "would do", command)
        return
    yield StepResult("check login", "done", f"account {read_login(deployment.environ).account}")
    deployment.tools.rollback(
        version=version, message="flaghoist deploy --rollback", environment=deployment.environment, root=deployment.root
    )
    yield StepResult("roll back", "done", command)
    yield StepResult("verify", "done", verify_health(deployment))
