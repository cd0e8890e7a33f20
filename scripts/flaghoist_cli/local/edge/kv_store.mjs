// Workers KV as the REST API sees it: several namespaces over Miniflare's storage, with a log of what was written.

const LOGGED_WRITES = 200;

export class KvStore {
  #deployed;
  #created;
  #titles;
  #deployedId;

  /** `deployed` is what the Worker's binding reads; namespaces made through the API share `created`, apart by prefix. */
  constructor({ deployed, created, deployedId }) {
    this.#deployed = deployed;
    this.#created = created;
    this.#deployedId = deployedId;
    this.#titles = new Map([[deployedId, "FLAGS"]]);
    this.stats = { values_written: 0, values_deleted: 0, reads: 0, writes: [] };
  }

  namespaces() {
    return [...this.#titles].map(([id, title]) => ({ id, title, supports_url_encoding: true }));
  }

  /** The new namespace, or undefined when the title is taken. */
  create(title) {
    if ([...this.#titles.values()].includes(title)) return undefined;
    const id = crypto.randomUUID().replaceAll("-", "");
    this.#titles.set(id, title);
    return { id, title, supports_url_encoding: true };
  }

  has(id) {
    return this.#titles.has(id);
  }

  #place(id, key) {
    return id === this.#deployedId ? [this.#deployed, key] : [this.#created, `${id}/${key}`];
  }

  /** `{value: ArrayBuffer | null, metadata}` */
  async get(id, key) {
    this.stats.reads += 1;
    const [kv, name] = this.#place(id, key);
    return kv.getWithMetadata(name, "arrayBuffer");
  }

  async put(id, key, value, options) {
    const [kv, name] = this.#place(id, key);
    await kv.put(name, value, options);
    this.stats.values_written += 1;
    this.stats.writes.push({ key, bytes: value.byteLength, at_ms: Date.now() });
    this.stats.writes.splice(0, this.stats.writes.length - LOGGED_WRITES);
  }

  async delete(id, key) {
    const [kv, name] = this.#place(id, key);
    await kv.delete(name);
    this.stats.values_deleted += 1;
  }

  /** One page of keys: `{keys, cursor}`, the cursor "" on the last one. */
  async list(id, { prefix, cursor, limit }) {
    const [kv, name] = this.#place(id, prefix);
    const page = await kv.list({ prefix: name, cursor, limit });
    const keys = page.keys.map((entry) => ({ ...entry, name: entry.name.slice(name.length - prefix.length) }));
    return { keys, cursor: page.list_complete ? "" : page.cursor };
  }
}
