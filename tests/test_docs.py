"""What users can touch is documented: commands, settings, routes, headers; and what the documents name exists."""

import re
import shlex
from pathlib import Path

import click
import pytest
from starlette.routing import Route

from flaghoist.model.flags import Flag, Operator
from flaghoist_cli.commands.root import COMMANDS, cli
from flaghoist_edge.ports.settings import VARIABLES
from flaghoist_origin.http.app import all_routes
from flaghoist_origin.settings.settings import ROWS, Row
from tests.project import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_command__has_its_section(command: str) -> None:
    assert f"flaghoist {command}" in document("cli.md")


@pytest.mark.parametrize("variable", [*(row.variable for row in ROWS), *VARIABLES])
def test_setting__is_listed(variable: str) -> None:
    assert f"`{variable}`" in document("settings.md")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_setting__default__is_the_documented_one(row: Row) -> None:
    of_origin = document("settings.md").partition("## Worker")[0]
    (line,) = [line for line in of_origin.splitlines() if line.startswith(f"| `{row.variable}` |")]
    assert row.default == "" or f"`{row.default}`" in line


@pytest.mark.parametrize("member", Flag.__struct_fields__)
def test_flag_member__is_explained(member: str) -> None:
    assert member == "version" or f"`{member}`" in document("flags.md")


@pytest.mark.parametrize("operator", list(Operator), ids=str)
def test_operator__is_explained(operator: Operator) -> None:
    assert f"`{operator.value}`" in document("flags.md")


HEADER = re.compile(r'"(Flaghoist-[A-Za-z-]+)"')


def headers_in_code() -> set[str]:
    sources = (path.read_text() for room in ("shared", "edge_worker", "origin") for path in (ROOT / room).rglob("*.py"))
    return {name for source in sources for name in HEADER.findall(source)}


@pytest.mark.parametrize("header", sorted(headers_in_code()))
def test_header__is_listed(header: str) -> None:
    assert f"`{header}`" in document("http.md")


METRIC = re.compile(r'[( ]"(flaghoist_[a-z_]+)"')


def metrics_in_code() -> set[str]:
    sources = [path.read_text() for path in (ROOT / "origin").rglob("*.py") if path.name in {"metrics.py", "scrape.py"}]
    return {name for source in sources for name in METRIC.findall(source.replace("\n", " "))}


@pytest.mark.parametrize("metric", sorted(metrics_in_code()))
def test_metric__is_listed(metric: str) -> None:
    assert re.search(rf"`{metric}(_total)?`", document("operations.md"))


ENVIRONMENT = "/api/v1/environments/{env}/"
PATHS = (route.path for route in all_routes() if isinstance(route, Route))
ROUTES = sorted({path.replace("{environment}", "{env}").replace(":rest}", "}") for path in PATHS})


@pytest.mark.parametrize("path", ROUTES)
def test_route__is_listed(path: str) -> None:
    shown = path.removeprefix(ENVIRONMENT)
    assert re.search(rf"[` ]{re.escape(shown)}`", document("http.md"))


TYPED = re.compile(r"^ *\$ (?:\.venv/bin/)?flaghoist (.*)$", re.MULTILINE)
LINES = sorted({(path.name, line) for path in DOCUMENTS for line in TYPED.findall(path.read_text())})


@pytest.mark.parametrize(("name", "line"), LINES)
def test_command_line__in_a_document__is_one_that_the_command_takes(name: str, line: str) -> None:
    words = shlex.split(line.partition(" #")[0], comments=False)
    context, command = click.Context(cli), cli.get_command(click.Context(cli), words.pop(0))
    while isinstance(command, click.Group) and words:
        command = command.get_command(context, words.pop(0))
    assert command is not None
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1} <= known | {"--help"}


@pytest.mark.parametrize("symptom", ["KV is wrong", "Restored from backup", "An edge is stale", "A key leaked"])
def test_runbook__symptom__has_its_section_with_commands(symptom: str) -> None:
    _, _, rest = document("runbook.md").partition(f"\n## {symptom}\n")
    section = rest.partition("\n## ")[0]
    assert TYPED.search(section) or "$ curl" in section


def test_runbook__links_to_its_own_sections__exist() -> None:
    text = document("runbook.md")
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= sections


LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
FILE = re.compile(r"`((?:docs|shared|edge_worker|origin|scripts|tests)/[\w./-]*\w)`")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document__what_it_names__exists(path: Path) -> None:
    text = path.read_text()
    for target in LINK.findall(text):
        assert (path.parent / target).exists(), target
    for target in FILE.findall(text):
        assert (ROOT / target).exists(), target


TERMS = """
    admin key, bootstrap, bucket, CachedSnapshot, client key, context, draw, epoch, EvaluationRequest, exposure, fence,
    freshness, FreshnessPolicy, group, heartbeat, hub, hydration, isolate, lease, level, manifest, outbox, payload,
    prerequisite, region, Request, Response, rollout, salt, sealed, segment, server key, ServingSnapshot, shard,
    signed context, snapshot, SnapshotLoader, stream, targeting key, unit, variation, VerifiedContext, verify_context,
    version
"""


def glossary_terms() -> list[str]:
    rows = [line for line in document("glossary.md").splitlines() if line.startswith("| ")]
    return [row.split(" | ")[0].removeprefix("| ").strip("`") for row in rows[1:]]


@pytest.mark.parametrize("term", " ".join(TERMS.split()).split(", "))
def test_glossary__term__stands_there_once(term: str) -> None:
    assert glossary_terms().count(term) == 1


def test_glossary__terms__are_alphabetical_and_each_once() -> None:
    terms = [term.lower() for term in glossary_terms()]
    assert terms == sorted(set(terms))


def test_glossary__rows__say_what_and_where() -> None:
    rows = [line for line in document("glossary.md").splitlines() if line.startswith("| ")]
    assert all(len(row.removesuffix(" |").split(" | ")) == len(("term", "meaning", "where")) for row in rows)
    assert all(all(cell.strip("| ") for cell in row.split(" | ")) for row in rows)


CODE_NAME = re.compile(r"^\| `(\w+)` \|.* \| `([\w./]+)` \|$", re.MULTILINE)


@pytest.mark.parametrize(("name", "path"), CODE_NAME.findall(document("glossary.md")))
def test_glossary__name_in_code__is_defined_where_it_says(name: str, path: str) -> None:
    assert re.search(rf"^(class|def|async def) {name}\b", (ROOT / path).read_text(), re.MULTILINE)


PAGES = sorted(path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_document__is_linked_from_the_index(page: Path) -> None:
    assert f"]({page})" in document("index.md")


ANCHOR = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")


def sections(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document__sections_it_links_to__exist(path: Path) -> None:
    for target, section in ANCHOR.findall(path.read_text()):
        assert section in sections(path.parent / target if target else path), f"{target}#{section}"
