"""Ten changes that people make: the table of CONTRIBUTING.md alone says where each goes."""

import re
from pathlib import Path

import pytest

from tests.project import ROOT

ROW = re.compile(r"^\| (?P<change>[^|]+) \| (?P<places>.+) \|$", re.MULTILINE)
PATH = re.compile(r"`((?:docs|edge_worker|origin|scripts|shared|tests)/[\w./-]*|wrangler\.toml)`")
TABLE = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where does X go?")[2].partition("\n## ")[0]
ROWS = {row["change"]: set(PATH.findall(row["places"])) for row in ROW.finditer(TABLE) if "`" in row["places"]}

QUESTIONS = {
    "clauses should compare durations: a new operator": (
        "operator",
        {"shared/flaghoist/model/flags.py", "shared/flaghoist/rules/operators.py", "tests/plain/operators.py"},
    ),
    "a context may hold 200 attributes from now on": ("limit", {"shared/flaghoist/limits.py"}),
    "the edge tells the origin its region in a header": ("header", {"shared/flaghoist/protocol/"}),
    "memory may be served for 45 s before it is read again": (
        "deadline",
        {"edge_worker/flaghoist_edge/ports/timing.py"},
    ),
    "the origin lists the edges that reported: a new route": (
        "route",
        {"origin/flaghoist_origin/http/routes/", "origin/flaghoist_origin/keys/access.py"},
    ),
    "environments get a colour: a column": (
        "column",
        {
            "origin/flaghoist_origin/storage/database/tables.py",
            "origin/flaghoist_origin/storage/database/migrations/versions/",
        },
    ),
    "refuse a PUT that changes a frozen flag": ("write", {"origin/flaghoist_origin/control/"}),
    "the SDK falls back to a second cache file": ("Python SDK", {"shared/flaghoist/sdk/"}),
    "the page script keeps answers for 7 days": ("pages run", {"shared/web/src/page/", "tests/browser/"}),
    "`flaghoist flags list`": ("command", {"scripts/flaghoist_cli/commands/", "docs/cli.md"}),
}
"""A change in somebody's words: a word that leads to its row, and places that the row must name."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_question__one_row_leads_to_the_right_places(question: str) -> None:
    word, places = QUESTIONS[question]
    rows = [change for change in ROWS if re.search(rf"\b{word}\b", change)]
    assert len(rows) == 1, f"{word!r} leads to {rows}"
    assert places <= ROWS[rows[0]]


@pytest.mark.parametrize("change", ROWS)
def test_row__places__exist(change: str) -> None:
    for place in ROWS[change]:
        path = ROOT / place
        assert path.is_dir() if place.endswith("/") else path.is_file(), place


def folders_that_code_lies_in() -> list[Path]:
    packages = ("shared/flaghoist", "edge_worker/flaghoist_edge", "origin/flaghoist_origin", "scripts/flaghoist_cli")
    inside = [folder for package in packages for folder in (ROOT / package).iterdir() if folder.is_dir()]
    return [folder for folder in inside if (folder / "__init__.py").exists()]


@pytest.mark.parametrize("folder", folders_that_code_lies_in(), ids=lambda folder: str(folder.relative_to(ROOT)))
def test_folder__is_named_by_the_table_or_explained_by_architecture(folder: Path) -> None:
    """A folder that neither page mentions is one that newcomers cannot find."""
    name = str(folder.relative_to(ROOT))
    pages = "".join((ROOT / page).read_text() for page in ("CONTRIBUTING.md", "docs/architecture.md"))
    assert f"{name}/" in pages or f"`{folder.name}/`" in pages
