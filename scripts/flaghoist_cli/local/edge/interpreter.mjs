// Boots one Pyodide interpreter inside a workerd isolate and mounts the Worker's files in it.
//
// workerd compiles no WebAssembly from bytes. Pyodide's own module is therefore compiled by Miniflare ahead of time, and the few that
// arrive as bytes (extension modules of wheels, small trampolines) go to the unsafe-eval binding, which exists in local workerd only.

import savedMemory from "./interpreter.snapshot";
import interpreterModule from "./pyodide.asm.wasm";
import lockFile from "./pyodide-lock.json";
import standardLibrary from "./python_stdlib.zip";

const BASE_URL = "http://interpreter.invalid/";
/** Where Cloudflare's runtime mounts a Worker's modules; tracebacks then read as they do there. */
const MODULES_ROOT = "/session/metadata";

/** Immediate callbacks that may run as microtasks before the event loop gets a turn, so that a busy `sleep(0)` loop starves no I/O. */
const MICROTASK_RUN = 64;

const IMMEDIATE_MS = 2;

/** Of the standard library, what nearly every Worker imports: saved with the interpreter instead of compiled at each start. */
// biome-ignore format: names, in lines
const PRELOADED = [
  ...["asyncio", "base64", "binascii", "collections.abc", "contextlib", "dataclasses", "datetime", "email.message", "enum"],
  ...["functools", "hashlib", "hmac", "html", "http.client", "importlib.metadata", "inspect", "io", "ipaddress", "json"],
  ...["logging", "math", "operator", "re", "site", "traceback", "typing", "unicodedata", "urllib.parse", "zlib"],
];

function compiler(unsafeEval) {
  const { Module } = WebAssembly;
  return (source) => (source instanceof Module ? source : unsafeEval.newWasmModule(source));
}

function routeCompilation(unsafeEval) {
  const { Module, instantiate } = WebAssembly;
  const compile = compiler(unsafeEval);
  WebAssembly.compile = async (source) => compile(source);
  const instantiated = async (source, imports) => {
    if (source instanceof Module) return instantiate(source, imports);
    const module = compile(source);
    return { module, instance: await instantiate(module, imports) };
  };
  WebAssembly.instantiate = /** @type {typeof instantiate} */ (instantiated);
  WebAssembly.instantiateStreaming = async (_response, imports) => ({
    module: interpreterModule,
    instance: await instantiate(interpreterModule, imports),
  });
  WebAssembly.Module = new Proxy(Module, { construct: (_target, [source]) => compile(source) });
}

/** Runs `load` while the globals look like the page that Pyodide's loader expects, then puts them back. */
async function asInAPage(load) {
  const page = {
    location: new URL(BASE_URL),
    addEventListener: () => {},
    // A channel belongs to the request that opened it; Pyodide would share one among all requests.
    MessageChannel: undefined,
    // workerd's Node compatibility would send Pyodide looking for files on disk.
    process: undefined,
    fetch: async (resource) =>
      new Response(String(resource.url ?? resource).endsWith(".zip") ? standardLibrary : new Uint8Array(4)),
  };
  const before = Object.fromEntries(Object.keys(page).map((name) => [name, globalThis[name]]));
  Object.assign(globalThis, page);
  try {
    return await load();
  } finally {
    Object.assign(globalThis, before);
  }
}

/** The memory that a first boot made, until serve.mjs has fetched it. */
export const memory = { snapshot: undefined };

async function load(options) {
  const { loadPyodide } = await import("./pyodide.mjs");
  const { default: createPyodideModule } = await import("./pyodide.asm.mjs");
  return loadPyodide({
    ...options,
    indexURL: BASE_URL,
    lockFileContents: JSON.parse(lockFile),
    createPyodideModule,
    stdout: (line) => console.log(line),
    stderr: (line) => console.error(line),
  });
}

/** An interpreter that can be saved records every use of JavaScript, so it is made for that alone and dropped. */
async function makeMemory() {
  const maker = await load({ _makeSnapshot: true });
  maker.runPython(`import ${PRELOADED.join(", ")}`);
  memory.snapshot = maker.makeMemorySnapshot();
  return memory.snapshot;
}

async function loadInterpreter() {
  const image = savedMemory.byteLength > 0 ? new Uint8Array(savedMemory) : await makeMemory();
  return load({ _loadSnapshot: image });
}

function mount(fileSystem, { index, contents }) {
  for (const { path, offset, size } of JSON.parse(index)) {
    const target = `${MODULES_ROOT}/${path}`;
    fileSystem.mkdirTree(target.slice(0, target.lastIndexOf("/")));
    fileSystem.writeFile(target, new Uint8Array(contents, offset, size).slice(), { canOwn: true });
  }
}

/** Pyodide's event loop hands every callback here; each runs in the request whose turn it is. */
function scheduler() {
  let inARow = 0;
  return (callback, delayMs) => {
    if (delayMs <= IMMEDIATE_MS && ++inARow < MICROTASK_RUN) {
      queueMicrotask(callback);
      return;
    }
    inARow = 0;
    setTimeout(callback, delayMs);
  };
}

/**
 * Start Python, mount `bundle` and register `runtimeModules` (name → object) for import.
 * Takes seconds: once per isolate, and within a request, for workerd offers no timers or entropy outside one.
 */
export async function bootInterpreter({ unsafeEval, bundle, runtimeModules }) {
  routeCompilation(unsafeEval);
  const pyodide = await asInAPage(loadInterpreter);
  mount(pyodide.FS, bundle);
  for (const [name, module] of Object.entries(runtimeModules)) pyodide.registerJsModule(name, module);
  pyodide.registerJsModule("_local_edge", { scheduleCallback: scheduler(), modulesRoot: MODULES_ROOT });
  return pyodide;
}
