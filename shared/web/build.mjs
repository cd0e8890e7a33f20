// Builds dist/: the two entries as single ES modules, their types, and the classic script for pages.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const FOLDER = import.meta.dirname;
const DIST = join(FOLDER, "dist");

/** Runs a program of an installed npm package; returns what it prints. */
function run(packageName, program, ...options) {
  const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  return execFileSync(process.execPath, [join(folder, program), ...options], { cwd: FOLDER, encoding: "utf8" });
}

const esbuild = (entry, ...options) => run("esbuild", "bin/esbuild", join("src", entry), ...options);

/** Returns the script that pages carry: the same text as in the Python packages. */
export function pageScript() {
  const options = JSON.parse(readFileSync(join(FOLDER, "bootstrap.options.json"), "utf8"));
  return `${esbuild("bootstrap.ts", ...options).trim()}\n`;
}

function build() {
  rmSync(DIST, { recursive: true, force: true });
  const script = pageScript();
  const always = [
    "--bundle",
    "--format=esm",
    "--target=es2020",
    "--charset=utf8",
    "--log-level=error",
    `--outdir=${DIST}`,
  ];
  esbuild("index.ts", ...always);
  esbuild("server.ts", ...always, `--define:PAGE_SCRIPT=${JSON.stringify(script)}`);
  writeFileSync(join(DIST, "bootstrap.js"), script);
  run("typescript", "bin/tsc", "-p", "tsconfig.build.json");
}

if (process.argv[1] === import.meta.filename) build();
