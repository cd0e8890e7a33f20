"""What is released: four Python distributions and one npm package, and where the repository has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NPM_FOLDER = ROOT / "shared" / "web"
DIST = ROOT / "build" / "packages"
"""Where `make release-check` leaves what it built; ``build/dist`` is the Worker's bundle."""


@dataclass(frozen=True)
class Project:
    """One Python distribution: its name, its folder, its import package, and which of the others it needs."""

    distribution: str
    folder: str
    package: str
    needs: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The folder with the pyproject.toml."""
        return ROOT / self.folder

    @property
    def readme(self) -> str:
        """The text of the README, which is also the page at the registry."""
        return (self.path / "README.md").read_text("utf-8")


SDK = Project("flaghoist", "shared", "flaghoist")
ORIGIN = Project("flaghoist-origin", "origin", "flaghoist_origin", ("flaghoist",))
EDGE = Project("flaghoist-edge", "edge_worker", "flaghoist_edge", ("flaghoist",))
CLI = Project("flaghoist-cli", "scripts", "flaghoist_cli", ("flaghoist",))
PROJECTS = (SDK, ORIGIN, EDGE, CLI)


def with_needs(project: Project) -> Iterator[Project]:
    """Yield a project and the others that it needs."""
    yield project
    yield from (other for other in PROJECTS if other.distribution in project.needs)
