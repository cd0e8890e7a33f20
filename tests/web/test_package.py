"""What is in the tarball of the npm package: enough, nothing else, and the same as in the Python packages."""

import json
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flaghoist.hydration import SCRIPT, head_html
from flaghoist_cli.build.node import script
from tests.published import CLIENT_KEY
from tests.shared.hydration.test_page import EVERYTHING, hostile_bulk
from tests.web.packing import PACKAGE, install, run_node

ROOT = Path(__file__).parents[2]
ENTRIES = ("dist/bootstrap.js", "dist/index.js", "dist/server.js")
BESIDE = ("LICENSE", "README.md", "package.json")

# Whoever reads one of these where it is not there, or is not to be trusted, does so when the module is imported.
TRAPS = """
for (const name of ["window", "document", "location", "localStorage", "navigator", "addEventListener"]) {
  const get = () => { throw new Error(`${name} is read at import`); };
  Object.defineProperty(globalThis, name, { configurable: true, get });
}
await import("flaghoist");
await import("flaghoist/server");
console.log("imported");
"""
BARE = """
import { connect } from "flaghoist";
const fetch = async () => { throw new Error("away"); };
console.warn = () => {};
const flags = connect({ baseUrl: "https://flags.example.com", key: "KEY", context: {}, fetch });
flags.used("release");
flags.track("seen");
await flags.flush();
console.log([flags.value("release", "fallback"), await flags.ready(), flags.standing()].join());
"""
HEAD = """
import { headHtml } from "flaghoist/server";
import { readFileSync } from "node:fs";
const { payload, nonce } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(headHtml(payload, { nonce }));
"""


@pytest.fixture(scope="module")
def project(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that has installed the package."""
    folder = tmp_path_factory.mktemp("project")
    install(tarball, folder)
    return folder


def manifest() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PACKAGE / "package.json").read_text())
    return read


def run_module(project: Path, source: str, told: str = "") -> str:
    (project / "run.mjs").write_text(source)
    return run_node("run.mjs", cwd=project, told=told)


def test_tarball__holds_entries_types_and_licence_alone(tarball: Path) -> None:
    with tarfile.open(tarball) as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
    assert {*ENTRIES, *BESIDE} <= names
    others = names - {*ENTRIES, *BESIDE}
    assert all(name.startswith("dist/") and name.endswith(".d.ts") for name in others)
    assert tarball.stat().st_size < 40_000


def test_manifest__version_and_licence__are_those_of_the_project() -> None:
    assert manifest()["version"] == version("flaghoist")
    assert manifest()["license"] == "Apache-2.0"
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_manifest__needs_no_package_but_openfeature_if_that_is_there() -> None:
    assert not {"dependencies", "optionalDependencies", "bundledDependencies", "devDependencies"} & manifest().keys()
    peers = manifest()["peerDependencies"]
    assert all(name.startswith("@openfeature/") for name in peers)
    assert {name: {"optional": True} for name in peers} == manifest()["peerDependenciesMeta"]


def test_publint__finds_nothing(tarball: Path) -> None:
    run_node(script("publint/src/cli.js"), "run", tarball, "--strict", cwd=PACKAGE)


def test_script__is_that_of_the_python_packages(project: Path) -> None:
    assert (project / "node_modules/flaghoist/dist/bootstrap.js").read_text() == SCRIPT


def test_modules__imported_where_there_is_no_page__read_nothing_of_one(project: Path) -> None:
    assert run_module(project, TRAPS) == "imported\n"


def test_package__required_by_a_commonjs_module__is_the_same(project: Path) -> None:
    (project / "run.cjs").write_text('console.log(typeof require("flaghoist").connect);')
    assert run_node("run.cjs", cwd=project) == "function\n"


def test_connect__in_node_with_the_network_away__falls_back_and_lets_the_process_end(project: Path) -> None:
    assert run_module(project, BARE.replace("KEY", CLIENT_KEY)) == "fallback,,\n"


@pytest.mark.parametrize("nonce", ["", "r4nd0m+/-_==", "'\"><img src=x>&"])
def test_head__is_byte_for_byte_that_of_python(project: Path, nonce: str) -> None:
    bulk, context = hostile_bulk(EVERYTHING), {EVERYTHING: [EVERYTHING, 1, 0.5, None, True]}
    signed, base_url, etag = "a.b.c", "https://flags.example.com", '"e1"'
    payload = {"ofrep": msgspec.json.decode(bulk), "etag": etag, "context": context, "key": CLIENT_KEY}
    payload |= {"signedContext": signed, "baseUrl": base_url}
    made = head_html(
        bulk,
        etag=etag,
        context=msgspec.json.encode(context),
        key=CLIENT_KEY,
        nonce=nonce,
        signed_context=signed,
        base_url=base_url,
    )
    assert run_module(project, HEAD, json.dumps({"payload": payload, "nonce": nonce})) == made.decode()


def test_head__without_flags__is_byte_for_byte_that_of_python(project: Path) -> None:
    payload: dict[str, Any] = {"ofrep": None, "etag": "", "context": {}, "key": CLIENT_KEY}
    made = head_html(b"", etag="", context=b"", key=CLIENT_KEY)
    assert run_module(project, HEAD, json.dumps({"payload": payload})) == made.decode()
