"""Generated TypeScript: the compiler holds its promises, stock clients take it, and texts stay texts."""

import json
import subprocess
from pathlib import Path

from flaghoist.model.flags import FlagSet
from flaghoist_cli.build import node
from flaghoist_cli.codegen.languages import make_module
from tests.project import ROOT
from tests.scripts.flags_to_type import HOSTILE, every_type, of_hostile_texts

MODULES = ROOT / "node_modules"
STRICT = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUnusedLocals": True,
    "noUncheckedIndexedAccess": True,
    "isolatedModules": True,
    "verbatimModuleSyntax": True,
    "module": "esnext",
    "moduleResolution": "bundler",
    "target": "es2022",
    "lib": ["es2022", "dom"],
    "jsx": "react-jsx",
    "types": [],
    "skipLibCheck": True,
    "noEmit": True,
}

USE = """\
import { useOpenFeatureClient } from "@openfeature/react-sdk";
import { OpenFeature } from "@openfeature/web-sdk";
import { OFF, typed, type FlagKey, type FlagValues, type StringKey } from "./flags";

const client = typed(OpenFeature.getClient());
export const one: boolean = client.getBooleanValue("new-checkout", OFF["new-checkout"]);
export const two: string = client.getStringValue("search-ranking", "vector");
export const later: string = client.getStringValue("search-ranking", "not known yet");
export const three: number = client.getNumberDetails("page-size", 10).value;
export const page: FlagValues["home-page"] = client.getObjectValue("home-page", OFF["home-page"]);
export const title: string = page.hero.title;
export const autoplay: boolean | undefined = page.hero.autoplay;
export const parts: string[] = page.parts;
export const tip: string | undefined = page.tip?.text;
export const keys: FlagKey[] = ["home-page", "new-checkout"];
export const status = client.providerStatus;
export const useLayout = () => typed(useOpenFeatureClient()).getObjectValue("home-page", OFF["home-page"]).columns;

// @ts-expect-error a flag of strings
client.getBooleanValue("search-ranking", false);
// @ts-expect-error an unknown key
client.getBooleanValue("new-chekout", false);
// @ts-expect-error an archived flag
client.getBooleanValue("old", false);
// @ts-expect-error browsers do not see it
client.getStringValue("fraud-check", "strict");
// @ts-expect-error a default of another type
client.getNumberValue("page-size", "10");
// @ts-expect-error a default that lacks members
client.getObjectValue("home-page", { columns: 1 });
// @ts-expect-error a member that is not there
page.colums;
// @ts-expect-error a key of a boolean
export const wrong: StringKey = "new-checkout";
"""
REACT = """\
import { OpenFeature } from "@openfeature/web-sdk";
import { useBooleanFlagValue, useStringFlagValue } from "@openfeature/react-sdk";
import "./flags";

export function Checkout() {
  const isNew = useBooleanFlagValue("new-checkout", false);
  const ranking = useStringFlagValue("search-ranking", "classic");
  // @ts-expect-error a flag of strings
  const wrong = useBooleanFlagValue("search-ranking", false);
  // @ts-expect-error an unknown key
  const unknown = useStringFlagValue("serch-ranking", "classic");
  return `${isNew} ${ranking} ${wrong} ${unknown}`;
}

// @ts-expect-error the stock client is narrowed, too
OpenFeature.getClient().getBooleanValue("new-chekout", false);
"""
RUN = """\
import { InMemoryProvider, OpenFeature } from "@openfeature/web-sdk";
import * as flags from "./flags";
await OpenFeature.setProviderAndWait(new InMemoryProvider(SERVED));
const client = flags.typed(OpenFeature.getClient());
const found = Object.fromEntries(Object.keys(flags.OFF).map((key) => [key, flags.OFF[key]]));
const OBJECTS = Object.keys(found).filter((key) => key.startsWith("object-")).map((key) => found[key]);
console.log(JSON.stringify({
  isItself: client === client && typeof client.addHooks === "function",
  checkout: client.getBooleanValue("new-checkout", false),
  off: found,
  isOwn: OBJECTS.every((each) => Object.hasOwn(each, "__proto__")),
  pwned: globalThis.pwned ?? null,
}));
"""


def project(folder: Path, **files: str) -> None:
    """Lay out a project in ``folder`` that finds the installed packages."""
    (folder / "node_modules").symlink_to(MODULES)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "files": list(files)}))
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def run_node(folder: Path, *arguments: str) -> str:
    """Run node and return what it prints; fail with all that it says."""
    done = subprocess.run(
        [str(node.node()), *arguments], cwd=folder, env=node.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compile_all(folder: Path) -> None:
    run_node(folder, str(MODULES / "typescript" / "bin" / "tsc"), "--project", "tsconfig.json")


def test_tsc__strict__takes_right_uses_and_refuses_wrong_ones(tmp_path: Path) -> None:
    hostile = make_module(of_hostile_texts(), "typescript").code
    code = make_module(every_type(), "typescript").code
    project(tmp_path, **{"flags.ts": code, "use.ts": USE, "hostile.ts": hostile})
    compile_all(tmp_path)


def test_tsc__augmented__narrows_stock_clients_and_hooks(tmp_path: Path) -> None:
    code = make_module(every_type(), "typescript", augments=True).code
    project(tmp_path, **{"flags.ts": code, "react.tsx": REACT})
    compile_all(tmp_path)


def executed(folder: Path, flagset: FlagSet, served: object) -> dict[str, object]:
    """Bundle the module with the stock client, run it, and return what it says."""
    run = RUN.replace("SERVED", json.dumps(served))
    project(folder, **{"flags.ts": make_module(flagset, "typescript").code, "run.ts": run})
    esbuild = str(MODULES / "esbuild" / "bin" / "esbuild")
    run_node(folder, esbuild, "run.ts", "--bundle", "--format=esm", "--outfile=run.mjs", "--log-level=error")
    printed: dict[str, object] = json.loads(run_node(folder, "run.mjs"))
    return printed


def test_module__with_the_stock_client__serves_what_the_provider_does(tmp_path: Path) -> None:
    served = {"new-checkout": {"variants": {"on": True}, "defaultVariant": "on", "disabled": False}}
    printed = executed(tmp_path, every_type(), served)
    flags = every_type().flags
    assert printed["checkout"] is True
    assert printed["off"] == {
        key: flag.variations[flag.off_variation]
        for key, flag in flags.items()
        if flag.client_visible and not flag.archived
    }


def test_module__hostile_texts__are_texts(tmp_path: Path) -> None:
    printed = executed(tmp_path, of_hostile_texts(), {})
    off = printed["off"]
    assert isinstance(off, dict)
    assert [off[f"text-{number}"] for number in range(len(HOSTILE))] == list(HOSTILE)
    assert all(text in off[f"object-{number}"] for number, text in enumerate(HOSTILE))
    assert off["__proto__"] is False
    assert (printed["pwned"], printed["isOwn"]) == (None, True)


def test_module__flags_for_servers__are_left_out_unless_asked_for() -> None:
    assert "fraud-check" not in make_module(every_type(), "typescript").code
    assert "fraud-check" in make_module(every_type(), "typescript", "server").code


def test_module__no_flags__has_no_keys() -> None:
    code = make_module(FlagSet(), "typescript").code
    assert "export type BooleanKey = never;" in code
