"""`make release-check`: builds everything that is released and checks it as its users get it, step by step."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from flaghoist.version import VERSION
from release.build import Built, build_from_sdist, build_project, lint_npm, pack_npm
from release.checks import check_command, check_import_elsewhere, check_import_time, check_types, check_weight
from release.contents import check_npm, check_same_wheel, check_sdist, check_wheel
from release.environments import CleanEnvironment
from release.failure import ReleaseFailed
from release.programs import run
from release.projects import CLI, DIST, EDGE, ORIGIN, PROJECTS, ROOT, SDK, Project, with_needs
from release.readme import first_block
from release.stack import check_together
from release.versions import faults

Distributions = Mapping[str, Built]
Step = Callable[[], str]
"""One check: returns what it found, raises ReleaseFailed when it does not hold."""


def check_release(say: Callable[[str], object], twine: Path) -> None:
    """Run every step and say what each one found; raise ReleaseFailed at the end if any did not hold."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir(parents=True)
    built = {project.distribution: build_project(project, DIST) for project in PROJECTS}
    failed = 0
    with TemporaryDirectory() as name:
        for step in chain(file_steps(built, twine, Path(name)), installed_steps(built, Path(name))):
            try:
                say(f"ok    {step()}")
            except ReleaseFailed as failure:
                failed += 1
                say(f"FAIL  {failure}")
    if failed:
        raise ReleaseFailed(f"{failed} checks failed")


def file_steps(built: Distributions, twine: Path, folder: Path) -> Iterator[Step]:
    """Yield the checks of the distributions as files."""
    yield check_versions
    for project in PROJECTS:
        yield partial(check_files, project, built[project.distribution], folder)
    yield partial(check_with_twine, built, twine)
    yield check_tarball


def check_versions() -> str:
    """Hold all versions equal to the one that is released."""
    found = faults(ROOT)
    if found:
        raise ReleaseFailed("\n      ".join(found))
    return f"version {VERSION} stands everywhere"


def check_files(project: Project, built: Built, folder: Path) -> str:
    """Check what lies in a project's wheel and sdist, and that the sdist alone gives the same wheel."""
    check_wheel(project, built.wheel)
    check_sdist(project, built.sdist)
    rebuilt = folder / f"{project.distribution}-from-sdist"
    rebuilt.mkdir()
    check_same_wheel(built.wheel, build_from_sdist(built.sdist, rebuilt))
    return f"{project.distribution}: {built.wheel.stat().st_size // 1000} kB wheel, the same from its sdist alone"


def check_with_twine(built: Distributions, twine: Path) -> str:
    """Let twine look at the metadata and at how the registry would show the READMEs."""
    names = [path for files in built.values() for path in (files.wheel, files.sdist)]
    run(twine, "check", "--strict", *names, cwd=DIST)
    return f"twine check --strict passes on {len(names)} files"


def check_tarball() -> str:
    """Pack and check the npm package."""
    tarball = pack_npm(DIST)
    check_npm(tarball)
    lint_npm(tarball)
    return f"{tarball.name}: {tarball.stat().st_size // 1000} kB, publint has nothing to say"


def installed_steps(built: Distributions, folder: Path) -> Iterator[Step]:
    """Install each wheel into an environment of its own, and yield the checks of it."""
    homes = {project.distribution: install(built, project, folder) for project in PROJECTS}
    sdk, origin, cli = (homes[project.distribution] for project in (SDK, ORIGIN, CLI))
    yield partial(check_weight, sdk)
    yield partial(check_import_elsewhere, sdk, folder / "elsewhere")
    yield partial(check_types, sdk, folder)
    yield partial(check_import_time, sdk)
    yield partial(check_command, origin, ORIGIN, "flaghoist-origin", VERSION)
    yield partial(check_command, cli, CLI, "flaghoist", VERSION)
    cli.install(built[ORIGIN.distribution].wheel)
    yield partial(check_together, sdk, origin, cli, folder / "data")
    yield check_edge_readme


def install(built: Distributions, project: Project, folder: Path) -> CleanEnvironment:
    """Return a new environment that holds one project; those of ours that it needs come from their wheels, too."""
    environment = CleanEnvironment(folder / project.distribution)
    environment.install(*(built[needed.distribution].wheel for needed in with_needs(project)))
    return environment


def check_edge_readme() -> str:
    """Say what is not run here."""
    if "git clone" not in first_block(EDGE.readme, "console"):
        raise ReleaseFailed("edge_worker/README.md: its first block must start from a clone, as a Worker is deployed")
    return "flaghoist-edge: installs; NOT RUN HERE: its README's first block, which clones the public repository"
