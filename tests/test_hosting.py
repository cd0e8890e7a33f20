"""What hosting services and hooks run: Make targets that exist, and the very lines of `make check`."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def targets() -> set[str]:
    """Return the documented targets."""
    return set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def recipe(target: str) -> list[str]:
    """Return the commands of a target as a shell sees them."""
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert lines is not None
    return [line.removeprefix("@").replace("$(VENV)", ".venv") for line in re.findall(r"\t(.*)", lines[1])]


def steps() -> Iterator[str]:
    """Yield the commands of the workflow."""
    yield from (step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step)


def test_workflow__commands__are_make_targets() -> None:
    commands = [shlex.split(step) for step in steps()]
    assert all(command[0] == "make" for command in commands)
    assert {command[1] for command in commands} <= targets()
    assert {"test", "check", "docs", "release-check", "coverage"} <= {command[1] for command in commands}


def test_workflow__says__that_it_was_not_run() -> None:
    assert "NOT RUN HERE" in (ROOT / ".github/workflows/ci.yml").read_text()[:100]


def test_workflow__pythons__are_those_of_the_packages() -> None:
    classifiers = re.findall(r"Python :: (3\.\d+)", (ROOT / "shared/pyproject.toml").read_text())
    assert WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"] == classifiers


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hook__entry__is_a_line_of_make_check(hook: dict[str, Any]) -> None:
    assert hook["entry"] in recipe("check")
    assert hook["language"] == "system"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_form__is_well_formed(path: Path) -> None:
    form = yaml.safe_load(path.read_text())
    assert form.keys() >= {"name", "body"} or "contact_links" in form


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md", ".github/pull_request_template.md"])
def test_file__that_hosting_services_show__is_there(name: str) -> None:
    assert (ROOT / name).read_text().strip()


def test_pull_request_template__targets__exist() -> None:
    text = (ROOT / ".github/pull_request_template.md").read_text()
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets()


def test_help__every_target_that_can_be_called__is_listed() -> None:
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)$", MAKEFILE, re.MULTILINE))
    assert phony == targets()
