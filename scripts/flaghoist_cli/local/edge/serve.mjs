// The local edge: Miniflare (current workerd) running the Python Worker exactly as `wrangler deploy --dry-run` bundled it.
//
//   node serve.mjs --bundle DIR --compatibility-date DATE [--port N] [--kv-port N] [--var K=V]... [--persist DIR] [--cf JSON]
//                  [--token T] [--account A] [--namespace ID] [--extra DIR[=PREFIX]]... [--entry MODULE] [--follow-parent]
//                  [--cache DIR]
//
// The Worker's secret is read from the environment variable FLAGHOIST_SECRET. Port 0 takes a free one. Once the interpreter has
// answered a first request, stdout carries one line {"edge": url, "kv": url}; logs and Python's output go to stderr.
//
// The KV port speaks Cloudflare's Workers KV REST API, and three paths of its own:
//   POST /faults  {"rest": "ok" | "fail" | "429" | "stall" | "lose", "binding": "ok" | "fail" | "stall"}   either may be left out
//   GET  /faults
//   GET  /stats   {"values_written", "values_deleted", "reads", "binding_reads", "writes": [{"key", "bytes", "at_ms"}, last 200]}
// A request to the edge may carry `Flaghoist-Local-Cf: {json}`, laid over the location that --cf sets.
import { randomUUID } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

import { readBundle } from "./bundle.mjs";
import { KvApi } from "./kv_api.mjs";
import { KvStore } from "./kv_store.mjs";
import { readSettings } from "./settings.mjs";
import { readSnapshot, writeSnapshot } from "./snapshot.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PYODIDE = path.dirname(fileURLToPath(import.meta.resolve("pyodide")));
const HOST = "127.0.0.1";
const PARENT_POLL_MS = 500;

const HOST_MODULES = ["host.mjs", "interpreter.mjs", "kv_binding.mjs", "runtime_modules.mjs"];
const PYODIDE_MODULES = [
  ["ESModule", "pyodide.mjs"],
  ["ESModule", "pyodide.asm.mjs"],
  ["CompiledWasm", "pyodide.asm.wasm"],
  ["Data", "python_stdlib.zip"],
  ["Text", "pyodide-lock.json"],
];

async function modules(settings, controlToken) {
  // A link to a folder that never changes: the next build moves the link, not the files.
  const bundle = await readBundle(await realpath(settings.bundle), settings.extra);
  const file = async (type, folder, name) => ({
    type,
    path: path.join("/", name),
    contents: await readFile(path.join(folder, name)),
  });
  const data = (type, name, contents) => ({ type, path: path.join("/", name), contents });
  return [
    ...(await Promise.all(HOST_MODULES.map((name) => file("ESModule", HERE, name)))),
    ...(await Promise.all(PYODIDE_MODULES.map(([type, name]) => file(type, PYODIDE, name)))),
    await file("Text", HERE, "dispatch.py"),
    data("Text", "bundle.json", bundle.index),
    data("Data", "bundle.bin", bundle.contents),
    data("Data", "interpreter.snapshot", await readSnapshot(settings.cache)),
    data("Text", "settings.json", JSON.stringify({ entry: settings.entry, cf: settings.cf, control: controlToken })),
  ];
}

async function createMiniflare(settings, controlToken) {
  return new Miniflare(
    convertV4MiniflareOptions({
      name: "edge",
      host: HOST,
      port: 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ message }) => process.stderr.write(`${message}\n`),
      telemetry: { enabled: false },
      resourcePersistencePath: settings.persist,
      compatibilityDate: settings.compatibilityDate,
      modulesRoot: "/",
      modules: await modules(settings, controlToken),
      bindings: settings.bindings,
      kvNamespaces: { FLAGS: settings.namespace, CREATED: "created-through-the-api" },
      unsafeEvalBinding: "UNSAFE_EVAL",
      // Requests reach the Worker itself, not the proxy that Miniflare puts in front of it.
      unsafeDirectSockets: [{ host: HOST, port: settings.port }],
    }),
  );
}

const control = (edge, token, path, state) =>
  fetch(new URL(path, edge), {
    method: "PUT",
    headers: { "Flaghoist-Local-Control": token },
    body: JSON.stringify(state),
  });

async function startKvApi(settings, miniflare, edge, controlToken) {
  const store = new KvStore({
    deployed: await miniflare.getKVNamespace("FLAGS"),
    created: await miniflare.getKVNamespace("CREATED"),
    deployedId: settings.namespace,
  });
  const setBinding = async (state) => (await control(edge, controlToken, "/binding", state)).json();
  const server = await new KvApi({ store, token: settings.token, setBinding }).listen(settings.kvPort, HOST);
  return `http://${HOST}:${server.address().port}`;
}

function endWith(miniflare, { followParent }) {
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    miniflare.dispose().finally(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end);
  const parent = process.ppid;
  if (followParent) setInterval(() => process.ppid !== parent && end(), PARENT_POLL_MS).unref();
}

/** Boot the interpreter now, so that no user waits for it. */
async function warm(edge) {
  const answer = await fetch(new URL("/healthz", edge));
  await answer.arrayBuffer();
  if (answer.status === 503 && answer.headers.get("Flaghoist-Local-Boot") === "failed") {
    throw new Error("the Worker did not start; its traceback is above");
  }
}

async function main() {
  const settings = readSettings(process.argv.slice(2), process.env);
  const controlToken = randomUUID();
  const miniflare = await createMiniflare(settings, controlToken);
  endWith(miniflare, settings);
  try {
    await miniflare.ready;
    const edge = (await miniflare.unsafeGetDirectURL("edge")).origin;
    await warm(edge);
    const kv = await startKvApi(settings, miniflare, edge, controlToken);
    await writeSnapshot(settings.cache, () => control(edge, controlToken, "/snapshot", {}));
    process.stdout.write(`${JSON.stringify({ edge, kv })}\n`);
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
}

main().catch((error) => {
  process.stderr.write(`local edge: ${error.message}\n`);
  process.exit(1);
});
