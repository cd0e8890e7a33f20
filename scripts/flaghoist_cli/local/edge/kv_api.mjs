// An HTTP server that speaks Cloudflare's Workers KV REST API over the local edge's storage, so that the official SDK publishes to it
// with nothing but another base URL. Three more paths exist here only: GET and POST /faults, GET /stats.
import { createServer } from "node:http";

import { ApiError, find } from "./kv_routes.mjs";

const JSON_TYPE = { "Content-Type": "application/json" };

/** What `rest` may be set to. `lose` answers success and stores nothing, as an overtaken write would look. */
const REST_FAULTS = new Set(["ok", "fail", "429", "stall", "lose"]);
const BINDING_FAULTS = new Set(["ok", "fail", "stall"]);

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(response, status, headers, body) {
  response.writeHead(status, headers).end(body);
}

function sendJson(response, status, value, headers = {}) {
  send(response, status, { ...JSON_TYPE, ...headers }, JSON.stringify(value));
}

function envelope(result) {
  const paged = result?.result_info ? result : { result };
  return { success: true, errors: [], messages: [], ...paged };
}

function sendError(response, { status, code, message }, headers) {
  sendJson(response, status, { success: false, errors: [{ code, message }], messages: [], result: null }, headers);
}

export class KvApi {
  #store;
  #token;
  #setBinding;
  #faults = { rest: "ok", binding: "ok" };

  /** `setBinding(state)` sets the Worker's binding and resolves to its state `{fault, reads}`. */
  constructor({ store, token, setBinding }) {
    this.#store = store;
    this.#token = token;
    this.#setBinding = setBinding;
  }

  /** Resolves to the listening server. */
  listen(port, host) {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => this.#refuse(response, error));
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject).listen(port, host, () => resolve(server));
    });
  }

  #refuse(response, error) {
    if (error instanceof ApiError) return sendError(response, error);
    console.error(error);
    return sendError(response, {
      status: 500,
      code: 10001,
      message: "internal error of the local KV API; see the terminal",
    });
  }

  async #handle(request, response) {
    const url = new URL(request.url, "http://local");
    const body = await bodyOf(request);
    const own = this.#ownRoutes()[`${request.method} ${url.pathname}`];
    if (own) return sendJson(response, 200, await own(body));
    return this.#serve(
      { method: request.method, headers: request.headers, pathname: url.pathname, query: url.searchParams, body },
      response,
    );
  }

  #ownRoutes() {
    return {
      "GET /faults": async () => this.#faults,
      "POST /faults": (body) => this.#setFaults(JSON.parse(body.toString())),
      "GET /stats": async () => ({ ...this.#store.stats, binding_reads: (await this.#setBinding({})).reads }),
    };
  }

  async #setFaults({ rest = this.#faults.rest, binding = this.#faults.binding }) {
    if (!REST_FAULTS.has(rest)) throw new ApiError(400, 0, `rest is one of ${[...REST_FAULTS].join(", ")}`);
    if (!BINDING_FAULTS.has(binding)) throw new ApiError(400, 0, `binding is one of ${[...BINDING_FAULTS].join(", ")}`);
    await this.#setBinding({ fault: binding });
    this.#faults = { rest, binding };
    return this.#faults;
  }

  async #serve(call, response) {
    const { rest } = this.#faults;
    if (rest === "stall") return;
    if (rest === "fail") return sendError(response, { status: 503, code: 10001, message: "service unavailable" });
    if (rest === "429")
      return sendError(response, { status: 429, code: 10429, message: "rate limited" }, { "Retry-After": "1" });
    if (call.headers.authorization !== `Bearer ${this.#token}`) throw new ApiError(401, 10000, "Authentication error");
    const { route, namespace, key } = find(this.#store, call.method, call.pathname);
    const lost = rest === "lose" && route.writes;
    const result = lost ? null : await route.perform(this.#store, { ...call, namespace, key });
    if (Buffer.isBuffer(result)) send(response, 200, { "Content-Type": "application/octet-stream" }, result);
    else sendJson(response, 200, envelope(result));
  }
}
