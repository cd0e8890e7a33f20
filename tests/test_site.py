"""The documentation site: every document has its place in the navigation, and a reader's browser asks nobody else."""

import tomllib
from collections.abc import Iterator
from typing import Any

from tests.project import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
DOCS = ROOT / "docs"


def pages(entry: object) -> Iterator[str]:
    """Yield the documents of the navigation, depth first."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for inner in entry.values():
            yield from pages(inner)
    elif isinstance(entry, list):
        for inner in entry:
            yield from pages(inner)


def test_navigation__every_document__stands_there_once() -> None:
    listed = list(pages(PROJECT["nav"]))
    assert sorted(listed) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def test_navigation__readers__have_their_quickstarts_at_the_start() -> None:
    first, *_ = PROJECT["nav"]
    quickstarts = {"quickstart/web.md", "quickstart/backend.md", "quickstart/operator.md"}
    assert quickstarts < set(pages(first))


def test_site__fetches_nothing() -> None:
    assert PROJECT["theme"]["font"] is False
    assert "repo_url" not in PROJECT
    assert PROJECT["validation"] == {"invalid_links": True, "invalid_link_anchors": True}
