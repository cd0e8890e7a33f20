// The Worker that workerd runs locally: it keeps one Python interpreter per isolate and hands every request to the `Default` class of
// the bundle, as Cloudflare's runtime does. What is host and not product stays in this folder.
import bundleContents from "./bundle.bin";
import bundleIndex from "./bundle.json";
import dispatchSource from "./dispatch.py";
import { bootInterpreter, memory } from "./interpreter.mjs";
import { bindingState, KvNamespace } from "./kv_binding.mjs";
import { runtimeModules } from "./runtime_modules.mjs";
import settings from "./settings.json";

const { entry, cf, control } = JSON.parse(settings);
const CONTROL_HEADER = "flaghoist-local-control";
const CF_HEADER = "flaghoist-local-cf";

let serve;
let booting;

function visibleToTheWorker({ UNSAFE_EVAL, FLAGS, CREATED, ...bindings }) {
  return { ...bindings, FLAGS: new KvNamespace(FLAGS) };
}

async function boot(env) {
  const visible = visibleToTheWorker(env);
  const pyodide = await bootInterpreter({
    unsafeEval: env.UNSAFE_EVAL,
    bundle: { index: bundleIndex, contents: bundleContents },
    runtimeModules: runtimeModules(visible),
  });
  pyodide.runPython(dispatchSource, { filename: "dispatch.py" });
  const bind = pyodide.globals.get("bind");
  serve = bind(entry, visible);
  bind.destroy();
}

function problem(status, title, headers = {}) {
  return Response.json(
    { type: "about:blank", title, status },
    { status, headers: { "Content-Type": "application/problem+json", ...headers } },
  );
}

/** serve.mjs fetches the memory of a first boot once, to start from it the next time. */
function takeSnapshot() {
  const { snapshot } = memory;
  memory.snapshot = undefined;
  return new Response(snapshot);
}

async function controlled(request) {
  if (request.url.endsWith("/snapshot")) return takeSnapshot();
  Object.assign(bindingState, await request.json());
  return Response.json(bindingState);
}

function withCf(request) {
  const given = request.headers.get(CF_HEADER);
  Object.defineProperty(request, "cf", { value: given ? { ...cf, ...JSON.parse(given) } : cf });
  return request;
}

async function answer(request, ctx) {
  const response = await new Promise((settle) => serve(withCf(request), ctx, settle));
  return response ?? problem(500, "Internal Server Error");
}

async function start(env) {
  try {
    booting ??= boot(env);
    await booting;
  } catch (error) {
    console.error(error?.message ?? String(error));
    return problem(503, "The Worker did not start", { "Flaghoist-Local-Boot": "failed" });
  }
  return undefined;
}

export default {
  async fetch(request, env, ctx) {
    if (request.method === "PUT" && request.headers.get(CONTROL_HEADER) === control) return controlled(request);
    const failure = serve ? undefined : await start(env);
    return failure ?? answer(request, ctx);
  },
};
