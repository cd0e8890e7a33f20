"""The version of everything: read from one place, held equal in the others, and raised in all of them at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from release.failure import ReleaseFailed

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
SOURCE = "shared/flaghoist/version.py"


def range_of(version: str) -> str:
    """Return what our packages ask of each other: no release that may break them."""
    major, minor, _ = version.split(".")
    return f">={major}.{minor},<0.{int(minor) + 1}" if major == "0" else f">={major}.{minor},<{int(major) + 1}"


def itself(version: str) -> str:
    """Return the version as it is."""
    return version


@dataclass(frozen=True)
class VersionPlace:
    """A file that names the version; what the pattern captures must be ``form`` of it, wherever it matches."""

    path: str
    pattern: str
    form: Callable[[str], str] = itself
    count: int = 0
    """How many matches from the top count; 0 means all."""

    def found(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches that count."""
        for number, match in enumerate(re.finditer(self.pattern, text, re.MULTILINE), 1):
            if not self.count or number <= self.count:
                yield match


PLACES = (
    VersionPlace(SOURCE, r'^__version__ = "([^"]*)"'),
    VersionPlace("shared/web/package.json", r'^  "version": "([^"]*)"'),
    VersionPlace("compose.yaml", r"image: flaghoist-origin:(\S+)"),
    VersionPlace("docs/openapi.json", r'^    "version": "([^"]*)"'),
    VersionPlace("CHANGELOG.md", r"^## (\S+)", count=1),
    *(
        VersionPlace(f"{folder}/pyproject.toml", r'^[^#\n]*"flaghoist(?:-\w+)?(>=[^"]*)"', range_of)
        for folder in ("origin", "edge_worker", "scripts")
    ),
)


def current(root: Path) -> str:
    """Return the version that the source names."""
    (match,) = PLACES[0].found((root / SOURCE).read_text("utf-8"))
    return match[1]


def faults(root: Path) -> list[str]:
    """Return one line for each place that names another version than the source, or none."""
    version = current(root)
    found = []
    for place in PLACES:
        named = [match[1] for match in place.found((root / place.path).read_text("utf-8"))]
        if set(named) != {place.form(version)}:
            said = ", ".join(named) or "nothing"
            found.append(f"{place.path} says {said} where {place.form(version)} should be: run `make version`")
    return found


def raise_version(root: Path, version: str) -> list[str]:
    """Write a version to all places; return the paths that changed. A released changelog entry is left as it is."""
    if VERSION.fullmatch(version) is None:
        raise ReleaseFailed(f"{version!r} is no version: give three numbers, like 0.2.0")
    changed = []
    for place in PLACES:
        path = root / place.path
        before = path.read_text("utf-8")
        opened = with_unreleased_section(before, version) if place.path == "CHANGELOG.md" else before
        after = replaced(place, opened, place.form(version))
        if after != before:
            path.write_text(after, "utf-8")
            changed.append(place.path)
    return changed


def replaced(place: VersionPlace, text: str, value: str) -> str:
    """Return the text with ``value`` where the place names a version."""
    for match in reversed(list(place.found(text))):
        text = text[: match.start(1)] + value + text[match.end(1) :]
    return text


def with_unreleased_section(changelog: str, version: str) -> str:
    """Return the changelog with a section on top that is not released yet: the one that is there, or a new one."""
    top = re.search(r"^## .*$", changelog, re.MULTILINE)
    if top is None or top[0].endswith("(unreleased)") or top[0].startswith(f"## {version} "):
        return changelog
    return f"{changelog[: top.start()]}## {version} (unreleased)\n\n{changelog[top.start() :]}"
