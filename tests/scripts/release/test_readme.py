"""The first block of each README: it installs the distribution, and examples are filled with real places."""

import pytest

from release.failure import ReleaseFailed
from release.projects import CLI, EDGE, ORIGIN, PROJECTS, SDK, Project, with_needs
from release.readme import commands, filled, first_block


@pytest.mark.parametrize("project", [SDK, ORIGIN, CLI], ids=lambda project: project.distribution)
def test_readme__first_command__installs_the_distribution(project: Project) -> None:
    assert all("install" not in command for command in commands(project))


def test_readme__other_distribution__is_refused() -> None:
    with pytest.raises(ReleaseFailed, match="must install flaghoist-wrong"):
        commands(Project("flaghoist-wrong", SDK.folder, SDK.package))


def test_first_block__of_a_language__is_the_first() -> None:
    text = "# T\n\n```console\n$ one\n```\n\n```python\ntwo\nthree\n```\n\n```python\nfour\n```\n"
    assert first_block(text, "python") == "two\nthree\n"


def test_first_block__missing__is_refused() -> None:
    with pytest.raises(ReleaseFailed, match="no block of python"):
        first_block("# T\n", "python")


def test_filled__places__are_replaced() -> None:
    assert filled("ask A with K", {"A": "b", "K": "l"}) == "ask b with l"


def test_filled__place_that_is_not_there__is_refused() -> None:
    with pytest.raises(ReleaseFailed, match="has no K"):
        filled("ask A", {"K": "l"})


def test_projects__needs__are_projects() -> None:
    names = {project.distribution for project in PROJECTS}
    assert all(set(project.needs) <= names for project in PROJECTS)
    assert [project.distribution for project in with_needs(EDGE)] == ["flaghoist-edge", "flaghoist"]
