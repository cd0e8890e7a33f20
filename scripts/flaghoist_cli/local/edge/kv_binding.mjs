// The Worker's KV binding with a switch for faults: reads pass, fail or never answer, as the tests ask.

/** What `POST /faults` may set for the binding. */
export const bindingState = { fault: "ok", reads: 0 };

const UNAVAILABLE = "KV GET failed: 503 Service Unavailable";

function read(perform) {
  bindingState.reads += 1;
  if (bindingState.fault === "fail") return Promise.reject(new Error(UNAVAILABLE));
  if (bindingState.fault === "stall") return new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  return perform();
}

/** Named like workerd's own class: the `workers` SDK recognises bindings by the name of their constructor. */
export class KvNamespace {
  #kv;

  constructor(kv) {
    this.#kv = kv;
  }

  get(...args) {
    return read(() => this.#kv.get(...args));
  }

  getWithMetadata(...args) {
    return read(() => this.#kv.getWithMetadata(...args));
  }

  list(...args) {
    return read(() => this.#kv.list(...args));
  }

  put(...args) {
    return this.#kv.put(...args);
  }

  delete(...args) {
    return this.#kv.delete(...args);
  }
}
