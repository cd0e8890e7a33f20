"""The examples that browsers and JavaScript frameworks run."""

import base64
import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from flaghoist_cli.build.node import environment, node, script
from tests.examples.apps import EXAMPLES, run_in_page, scripts_of
from tests.project import ROOT
from tests.shared.sdk.origin_process import OriginProcess

MOST_CODE_LINES = 60
STATIC = (EXAMPLES / "static" / "index.html").read_text()
NEXTJS = sorted((EXAMPLES / "nextjs" / "app").glob("*.jsx"))
CODE = sorted(path for ending in ("py", "jsx", "html") for path in EXAMPLES.rglob(f"*.{ending}"))
FOLDERS = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())
DOCUMENT = (
    "const element = {}; globalThis.document = {getElementById: () => element, addEventListener() {}};"
    "globalThis.location = {origin: 'http://page.test'};"
)


def static_page(origin: OriginProcess, plan: str) -> str:
    """Return all that the static page's scripts run, with those that it loads; the person has another plan."""
    context = base64.urlsafe_b64encode(json.dumps({"targetingKey": "ada", "plan": plan}).encode()).decode().rstrip("=")
    page = STATIC.replace("http://127.0.0.1:8787", origin.url).replace("fh_client_…", origin.keys["client"])
    page = re.sub(r"context=[\w-]+", f"context={context}", page)
    elements = re.findall(r'<script(?: src="([^"]+)")?>(.*?)</script>', page, re.DOTALL)
    assert [bool(source) for source, _ in elements] == [True, False, True, False]
    with httpx.Client(trust_env=False) as client:
        texts = [client.get(source).raise_for_status().text if source else text for source, text in elements]
    return "\n".join([DOCUMENT, *texts])


@pytest.mark.parametrize(("plan", "checkout"), [("pro", "new"), ("free", "old")])
def test_static_page__shows_the_flag(origin: OriginProcess, plan: str, checkout: str) -> None:
    assert run_in_page(static_page(origin, plan), "element.textContent") == checkout


def test_static_page__without_an_answer__stays_as_it_is() -> None:
    assert run_in_page(DOCUMENT + scripts_of(STATIC), "element") == {}


def test_static_page__context__is_what_its_comment_says() -> None:
    sent = re.findall(r"context=([\w-]+)", STATIC)[0]
    assert json.loads(base64.urlsafe_b64decode(sent + "==")) == {"targetingKey": "ada", "plan": "free"}


def test_nextjs__files_of_the_recipe__are_the_same() -> None:
    recipe = (ROOT / "docs" / "recipes" / "nextjs.md").read_text()
    shown = dict(re.findall(r"## `(app/[\w.]+)`\n\n```jsx\n(.*?)```", recipe, re.DOTALL))
    assert shown.keys() == {"app/layout.jsx", "app/flags.jsx"}
    assert {name: (EXAMPLES / "nextjs" / name).read_text() for name in shown} == shown


@pytest.mark.parametrize("path", NEXTJS, ids=lambda path: path.name)
def test_nextjs__file__is_well_formed(processes: None, path: Path) -> None:
    command = [str(node()), str(script("esbuild/bin/esbuild")), "--loader:.jsx=jsx", "--log-level=warning", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_nextjs__packages__are_those_of_the_repository() -> None:
    asked = json.loads((EXAMPLES / "nextjs" / "package.json").read_text())["dependencies"]
    ours = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert {name: asked[name] for name in asked.keys() & ours.keys()} == {
        name: ours[name] for name in asked.keys() & ours.keys()
    }
    assert f"Next.js {asked['next']}" in (ROOT / "docs" / "recipes" / "nextjs.md").read_text()


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_example__is_short(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(lines) <= MOST_CODE_LINES


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in EXAMPLES.glob("*/*.md")}), ids=lambda path: path.name
)
def test_example__is_listed(folder: Path) -> None:
    assert (folder / "README.md").is_file()
    assert f"]({folder.name}/" in (EXAMPLES / "README.md").read_text()
