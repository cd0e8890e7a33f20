"""The npm package in a browser: in a fresh Vite project, in plain scripts, and in a page that a server rendered."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from flaghoist_cli.build.node import node_modules
from tests.browser.complaints import Complaints
from tests.browser.releases import ADA, BOB
from tests.browser.sites import BULK, JAVASCRIPT, Site
from tests.e2e.environments import wait_until
from tests.edge_worker.pages.running import Running, running_pages
from tests.published import CLIENT_KEY, UNKNOWN_KEY
from tests.servers.site import Answer, SiteServer
from tests.web.packing import build_with_vite, install_with_npm, pack, run_node

PAGES = Path(__file__).parent / "pages" / "package"
SECONDS = 20
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
CONNECTED = """
  import { connect } from "/flaghoist.js";
  const flags = connect(OPTIONS);
  globalThis.freshness = await flags.ready();
  document.querySelector("#shown").textContent = flags.value("release", "fallback");
"""
CLASSIC = """
  import("/flaghoist.js").then(async ({ connect }) => {
    const flags = connect(OPTIONS);
    globalThis.freshness = await flags.ready();
    document.querySelector("#shown").textContent = flags.value("release", "fallback");
  });
"""
SHOWN = '<p id="shown"></p>'


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """Run an edge before a site."""
    with running_pages() as pages:
        yield pages


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the packed npm package."""
    return pack(tmp_path_factory.mktemp("tarball"))


def a_project(tarball: Path, folder: Path, *names: str) -> Path:
    """Return a project with the package and pages of ``pages/package``; the first script is its main one."""
    install_with_npm(tarball, folder)
    (folder / "node_modules/@openfeature").symlink_to(node_modules() / "@openfeature")
    for name in names:
        shutil.copy(PAGES / name, folder)
    shutil.copy(PAGES / names[0], folder / "main.js")
    return folder


def serve(folder: Path, site: SiteServer) -> None:
    """Serve a built site; its page at ``/``."""
    for path in folder.rglob("*.*"):
        content = (("Content-Type", TYPES[path.suffix]),)
        site.answers[f"/{path.relative_to(folder)}"] = Answer((path.read_bytes(),), headers=content)
    site.answers["/"] = site.answers["/index.html"]


def bulk_requests(page: Page) -> list[str]:
    """Return the list of bulk requests that the page makes from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if BULK in request.url else None)
    return asked


@pytest.mark.parametrize("main", ["main.js", "openfeature.js"])
def test_vite_project__with_the_worker_in_front_and_without__shows_the_flag(
    running: Running, page: Page, tarball: Path, tmp_path: Path, main: str
) -> None:
    project = a_project(tarball, tmp_path / "fresh", main, "index.html")
    serve(build_with_vite(project, VITE_FLAGS_URL=running.edge, VITE_FLAGS_KEY=CLIENT_KEY), running.site)
    asked = bulk_requests(page)
    page.goto(running.edge)
    page.wait_for_function("document.querySelector('#shown').textContent === 'here'")
    assert asked == []
    page.goto(running.site.url)
    page.wait_for_function("document.querySelector('#shown').textContent === 'here'")
    assert len(asked) == 1
    assert page.evaluate("globalThis.__FLAGHOIST__ ?? null") is None


@pytest.fixture
def script(site: Site, tarball: Path, tmp_path: Path) -> Site:
    """Return a site that has the package's entry as one file."""
    install_with_npm(tarball, tmp_path / "fresh")
    entry = tmp_path / "fresh/node_modules/flaghoist/dist/index.js"
    site.pages["/flaghoist.js"] = (JAVASCRIPT, entry.read_bytes())
    return site


def a_script(source: str, **options: object) -> str:
    kind = ' type="module"' if "  import {" in source else ""
    return f"{SHOWN}<script{kind}>{source.replace('OPTIONS', json.dumps(options))}</script>"


@pytest.mark.parametrize("source", [CONNECTED, CLASSIC], ids=["module", "classic"])
def test_plain_script__page_with_flags__shows_them_and_asks_nothing(script: Site, page: Page, source: str) -> None:
    page.goto(script.show("/", script.head(ADA), a_script(source)))
    page.wait_for_function("document.querySelector('#shown').textContent === 'pro v1'")
    assert page.evaluate("freshness.source") == "page"
    assert script.asked_for(BULK) == []


@pytest.mark.parametrize("source", [CONNECTED, CLASSIC], ids=["module", "classic"])
def test_plain_script__page_without_flags__asks_once(script: Site, page: Page, source: str) -> None:
    page.goto(script.show("/", "", a_script(source, key=CLIENT_KEY, context=BOB)))
    page.wait_for_function("document.querySelector('#shown').textContent === 'v1'")
    assert page.evaluate("freshness.source") == "network"
    assert len(script.asked_for(BULK)) == 1


def test_plain_script__wrong_key__shows_the_fallback_and_says_why(
    script: Site, page: Page, complaints: Complaints
) -> None:
    complaints.expect("401")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(script.show("/", "", a_script(CONNECTED, key=UNKNOWN_KEY)))
    page.wait_for_function("document.querySelector('#shown').textContent === 'fallback'")
    assert any("give connect() the client key" in text for text in said)


def test_plain_script__visited_before_and_the_network_away__shows_the_last_values(
    script: Site, page: Page, complaints: Complaints
) -> None:
    complaints.expect("Failed to load resource")
    url = script.show("/", "", a_script(CONNECTED, key=CLIENT_KEY, context=BOB))
    page.goto(url)
    page.wait_for_function("globalThis.freshness")
    script.fails_with = 0
    page.goto(url)
    page.wait_for_function("document.querySelector('#shown').textContent === 'v1'")
    assert page.evaluate("[freshness.source, freshness.level]") == ["kept", 3]


def test_plain_script__what_was_used__is_reported_once_in_all_parts_of_the_page(script: Site, page: Page) -> None:
    again = CONNECTED + 'flags.used("release"); connect(OPTIONS).used("release"); await flags.flush();'
    page.goto(script.show("/", "", a_script(again, key=CLIENT_KEY, context=BOB)))
    wait_until(lambda: len(script.accepted) == 1, SECONDS)
    page.evaluate("Flaghoist.flush()")
    assert [event["flag"] for event in script.accepted] == ["release"]


def test_server_rendered_page__hydrates_without_a_request(
    site: Site, page: Page, tarball: Path, tmp_path: Path
) -> None:
    project = a_project(tarball, tmp_path / "fresh", "hydrated.js", "index.html", "server.mjs", "shown.mjs")
    told = json.dumps({"baseUrl": site.url, "key": CLIENT_KEY, "context": ADA})
    rendered = json.loads(run_node("server.mjs", cwd=project, told=told))
    (client,) = (build_with_vite(project) / "assets").glob("*.js")
    loaded = site.serve("/client.js", client.read_bytes()).replace("<script", "<script type=module")
    site.asked.clear()
    page.goto(site.show("/", rendered["head"], f'<div id="root">{rendered["html"]}</div>{loaded}'))
    page.wait_for_function("globalThis.after")
    assert page.evaluate("[before, after]") == ['<p id="shown">pro v1</p>'] * 2
    assert site.asked_for(BULK) == []
