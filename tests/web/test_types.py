"""The types of the npm package, as strict compilers of its users see them, and beside what `flaghoist types` writes."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from flaghoist_cli.codegen.languages import make_module
from tests.scripts.flags_to_type import every_type
from tests.web.packing import compile_strictly, install, write_project

EXACT = {"exactOptionalPropertyTypes": True, "noUncheckedIndexedAccess": True, "verbatimModuleSyntax": True}
BUNDLER = {"module": "esnext", "moduleResolution": "bundler", "target": "es2022", "lib": ["es2022", "dom"]}
NODE = {"module": "nodenext", "target": "es2023", "lib": ["es2023"], "types": ["node"], "skipLibCheck": True}
BARE = {"module": "nodenext", "target": "es2023", "lib": ["es2023"]}

USE = """\
import { connect, inMemoryFlags, type Flaghoist, type Freshness, type Payload } from "flaghoist";

const context = { targetingKey: "ada", age: 3 };
const flags = connect({ baseUrl: "https://flags.example.com", key: "fh_client_x", context });
export const isNew: boolean = flags.value("new-checkout", false);
export const text: string = flags.value("search-ranking", "classic");
export const size: number = flags.value("page-size", 10);
export const layout: { columns: number } = flags.value("layout", { columns: 1 });
export const fresh: Promise<Freshness | undefined> = flags.ready();
export const level: number | undefined = flags.standing()?.level;
export const same: Flaghoist = flags;
flags.used("new-checkout");
flags.track("purchase", { value: 3, currency: "EUR" });
export const none = inMemoryFlags({ ofrep: null });
export const again = (payload: Payload) => connect(payload).value("new-checkout", false);

interface Known {
  "new-checkout": boolean;
  theme: "light" | "dark";
}
const known = connect<Known>();
export const theme: "light" | "dark" = known.value("theme", "light");

// @ts-expect-error a value of another type
export const wrong: number = flags.value("search-ranking", "classic");
// @ts-expect-error a function is no context
connect({ context: { plan: () => "pro" } });
// @ts-expect-error an unknown key
known.value("new-chekout", false);
// @ts-expect-error a fallback that the flag could not have
known.value("theme", "blue");
// @ts-expect-error only scalars
flags.track("purchase", { basket: [] });
"""
SERVER = """\
import { fetchPayload, headHtml, type Payload } from "flaghoist/server";

const asked = { baseUrl: "https://flags.example.com", key: "fh_client_x", timeoutMs: 500 };
const payload: Payload = await fetchPayload(asked);
export const head: string = headHtml(payload, { nonce: "r4nd0m" });
export const elsewhere: string = headHtml({ ...payload, baseUrl: undefined }, { nonce: undefined });
// @ts-expect-error whose flags, and where
fetchPayload({ key: "fh_client_x" });
"""
OPENFEATURE = """\
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { InMemoryProvider, OpenFeature } from "@openfeature/web-sdk";
import { connect, inMemoryFlags } from "flaghoist";

const flags = connect();
OpenFeature.addHooks(flags.hook);
await OpenFeature.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
await OpenFeature.setProviderAndWait(new InMemoryProvider(inMemoryFlags({ ofrep: null })));
"""
PAGE = """\
import { typedPage, type FlagValues, type PageFlags } from "./flags";

export const isNew: boolean = Flaghoist?.value("new-checkout", false) ?? false;
export const key: string | undefined = globalThis.__FLAGHOIST__?.key;
export const page: PageFlags | undefined = Flaghoist && typedPage(Flaghoist);
export const ranking: string | undefined = page?.value("search-ranking", "vector");
export const title: FlagValues["home-page"] | undefined = page?.value("home-page");
page?.used("new-checkout");

// @ts-expect-error a page without the Worker in front has none
Flaghoist.value("new-checkout", false);
// @ts-expect-error an unknown key
page?.value("new-chekout", false);
// @ts-expect-error a flag of strings
page?.value("search-ranking", 1);
"""
PROVIDER = """\
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/web-sdk";
import "./flags";

if (Flaghoist) {
  OpenFeature.addHooks(Flaghoist.hook);
  await OpenFeature.setProviderAndWait(new OFREPWebProvider(Flaghoist.providerOptions), Flaghoist.context);
}
"""
BOTH = """\
import { connect } from "flaghoist";
import { typedPage, type FlagValues, type PageFlags } from "./flags";

const flags = connect<FlagValues>();
export const isNew: boolean = flags.value("new-checkout", false);
export const asPage: PageFlags = flags;
export const narrowed: PageFlags = typedPage(connect());
export const own: ReturnType<typeof connect> | undefined = Flaghoist && connect();
// @ts-expect-error an unknown key
flags.value("new-chekout", false);
"""


def generated(name: str = "flags.ts") -> Mapping[str, str]:
    return {name: make_module(every_type(), "typescript").code}


@pytest.fixture
def project(tarball: Path, tmp_path: Path) -> Path:
    """Return a project that has installed the package."""
    install(tarball, tmp_path)
    return tmp_path


def without(project: Path, *packages: str) -> None:
    for name in packages:
        (project / "node_modules" / name).unlink()


@pytest.mark.parametrize("options", [BUNDLER, BARE], ids=["bundler", "no libraries"])
def test_package__without_openfeature_installed__compiles_strictly(project: Path, options: dict[str, object]) -> None:
    without(project, "@openfeature", "@types")
    (project / "package.json").write_text('{"type": "module"}')
    write_project(project, {"use.ts": USE, "server.ts": SERVER})
    compile_strictly(project, {**options, **EXACT})


def test_package__in_node_without_the_dom_library__compiles_strictly(project: Path) -> None:
    (project / "package.json").write_text('{"type": "module"}')
    write_project(project, {"use.ts": USE, "server.ts": SERVER})
    compile_strictly(project, {**NODE, **EXACT})


def test_package__with_openfeature__fits_its_types(project: Path) -> None:
    write_project(project, {"use.ts": OPENFEATURE})
    compile_strictly(project, {**BUNDLER, "skipLibCheck": True})


@pytest.mark.parametrize("installed", [True, False], ids=["with the package", "without"])
def test_generated_module__declares_the_page_global(project: Path, installed: bool) -> None:
    write_project(project, {**generated(), "page.ts": PAGE, **({"both.ts": BOTH} if installed else {})})
    if not installed:
        (project / "node_modules/flaghoist").rename(project / "gone")
    compile_strictly(project, {**BUNDLER, **EXACT, "skipLibCheck": True})


def test_generated_module__page_global__fits_openfeature(project: Path) -> None:
    write_project(project, {**generated(), "provider.ts": PROVIDER})
    compile_strictly(project, {**BUNDLER, "skipLibCheck": True})


def test_generated_module__twice_in_one_program__declares_the_same(project: Path) -> None:
    write_project(project, {**generated(), **generated("others.ts"), "page.ts": PAGE})
    compile_strictly(project, {**BUNDLER, **EXACT, "skipLibCheck": True})
