"""The first block of a README: what it installs, and what its commands and its program do."""

import re
from collections.abc import Mapping

from release.failure import ReleaseFailed
from release.projects import Project

INSTALL = re.compile(r"^(?:pip|pipx|npm) (?:install|i) '?([\w-]+)")


def first_block(text: str, language: str) -> str:
    """Return the first fenced block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ReleaseFailed(f"the README has no block of {language}: show how to install and use the package")
    return found[1]


def commands(project: Project) -> list[str]:
    """Return the commands of a README's first block after the installation, which must name the distribution."""
    lines = first_block(project.readme, "console").splitlines()
    given = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    installed = INSTALL.match(given[0]) if given else None
    if installed is None or installed[1] != project.distribution:
        raise ReleaseFailed(f"{project.folder}/README.md: its first command must install {project.distribution}")
    return given[1:]


def filled(text: str, places: Mapping[str, str]) -> str:
    """Put real addresses and keys where an example has made-up ones; each of them must be there."""
    for example, real in places.items():
        if example not in text:
            raise ReleaseFailed(f"the example has no {example}, which the check puts {real[:12]}… in the place of")
        text = text.replace(example, real)
    return text
