// The two modules of Cloudflare's Python runtime that the `workers` SDK imports, as far as a fetch handler needs them.

import * as cloudflareSockets from "cloudflare:sockets";
import * as cloudflareWorkers from "cloudflare:workers";

/** Keep a Python awaitable alive until it is done; show its traceback when it fails, for nobody awaits it. */
async function settle(awaitable) {
  const own = typeof awaitable?.copy === "function" ? awaitable.copy() : awaitable;
  try {
    await own;
  } catch (error) {
    console.error(error?.message ?? String(error));
  } finally {
    own?.destroy?.();
  }
}

const accepting = (waitUntil) => (awaitable) => waitUntil(settle(awaitable));

/** Make `ctx.waitUntil` accept Python coroutines and futures beside promises. */
function patchWaitUntil(ctx) {
  ctx.waitUntil = accepting(ctx.waitUntil.bind(ctx));
}

/** The modules by import name; `env` is what the Worker may see of its bindings. */
export function runtimeModules(env) {
  return {
    _pyodide_entrypoint_helper: {
      cloudflareWorkersModule: { ...cloudflareWorkers, env, waitUntil: accepting(cloudflareWorkers.waitUntil) },
      cloudflareSocketsModule: cloudflareSockets,
      doAnImport: (name) => import(name),
      patchWaitUntil,
    },
    _cloudflare_compat_flags: {
      python_workflows_implicit_dependencies: true,
      python_request_headers_preserve_commas: true,
    },
  };
}
