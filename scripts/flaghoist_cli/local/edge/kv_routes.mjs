// The calls of Cloudflare's Workers KV REST API, one function each: (store, call) → result. Faults of the caller are `ApiError`s.

/** What the API answers with its own code: `{success: false, errors: [{code, message}]}`. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const MAX_KEY_BYTES = 512;
const MAX_BULK_PAIRS = 10_000;
const MAX_BULK_READ = 100;
const MIN_TTL_SECONDS = 60;
const MAX_LIST = 1000;

function checkKey(key) {
  if (typeof key !== "string" || key === "" || Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new ApiError(400, 10029, `a key is 1 to ${MAX_KEY_BYTES} bytes of text`);
  }
}

/** @param {{expiration?: unknown, expiration_ttl?: unknown, metadata?: unknown}} given */
function putOptions({ expiration, expiration_ttl: ttl, metadata }) {
  if (ttl !== undefined && ttl !== null && Number(ttl) < MIN_TTL_SECONDS) {
    throw new ApiError(400, 10028, `expiration_ttl must be at least ${MIN_TTL_SECONDS} seconds`);
  }
  return {
    ...(expiration ? { expiration: Number(expiration) } : {}),
    ...(ttl ? { expirationTtl: Number(ttl) } : {}),
    ...(metadata === undefined || metadata === null ? {} : { metadata }),
  };
}

function checkValue(value) {
  if (value.byteLength > MAX_VALUE_BYTES) throw new ApiError(413, 10030, `a value is at most ${MAX_VALUE_BYTES} bytes`);
}

function parseJson(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new ApiError(400, 10012, "the body is not JSON");
  }
}

async function fromForm({ body, headers }) {
  const form = await new Response(body, { headers: { "Content-Type": headers["content-type"] } }).formData();
  const part = form.get("value");
  if (part === null) throw new ApiError(400, 10012, "the form has no part named value");
  const value = typeof part === "string" ? Buffer.from(part) : Buffer.from(await part.arrayBuffer());
  const metadata = form.get("metadata");
  return { value, metadata: metadata === null ? undefined : JSON.parse(String(metadata)) };
}

async function putValue(store, call) {
  const isForm = call.headers["content-type"]?.startsWith("multipart/form-data");
  const { value, metadata } = isForm ? await fromForm(call) : { value: call.body, metadata: undefined };
  checkValue(value);
  await store.put(call.namespace, call.key, value, putOptions({ ...Object.fromEntries(call.query), metadata }));
  return null;
}

async function stored(store, call) {
  const entry = await store.get(call.namespace, call.key);
  if (entry.value === null) throw new ApiError(404, 10009, "get: 'key not found'");
  return entry;
}

async function getValue(store, call) {
  return Buffer.from((await stored(store, call)).value);
}

async function getMetadata(store, call) {
  return (await stored(store, call)).metadata;
}

async function deleteValue(store, call) {
  await store.delete(call.namespace, call.key);
  return null;
}

function inBulk(entries, limit) {
  if (!Array.isArray(entries) || entries.length > limit)
    throw new ApiError(400, 10026, `a bulk call takes a list of at most ${limit}`);
  return entries;
}

async function putBulk(store, call) {
  const pairs = inBulk(parseJson(call.body), MAX_BULK_PAIRS);
  for (const { key } of pairs) checkKey(key);
  for (const { key, value, base64, ...options } of pairs) {
    const bytes = Buffer.from(value, base64 ? "base64" : "utf8");
    checkValue(bytes);
    await store.put(call.namespace, key, bytes, putOptions(options));
  }
  return { successful_key_count: pairs.length, unsuccessful_keys: [] };
}

async function deleteBulk(store, call) {
  const keys = inBulk(parseJson(call.body), MAX_BULK_PAIRS);
  for (const key of keys) await store.delete(call.namespace, key);
  return { successful_key_count: keys.length, unsuccessful_keys: [] };
}

async function getBulk(store, call) {
  const { keys, type, withMetadata } = parseJson(call.body);
  const values = {};
  for (const key of inBulk(keys, MAX_BULK_READ)) {
    const { value, metadata } = await store.get(call.namespace, key);
    const text = value === null ? null : Buffer.from(value).toString();
    const read = text !== null && type === "json" ? JSON.parse(text) : text;
    values[key] = withMetadata && text !== null ? { value: read, metadata } : read;
  }
  return { values };
}

async function listKeys(store, call) {
  const { keys, cursor } = await store.list(call.namespace, {
    prefix: call.query.get("prefix") ?? "",
    cursor: call.query.get("cursor") || undefined,
    limit: Math.min(Number(call.query.get("limit") ?? MAX_LIST), MAX_LIST),
  });
  return { result: keys, result_info: { count: keys.length, cursor } };
}

/** All on the first page: the SDK asks for pages until one is empty. */
function listNamespaces(store, call) {
  const all = store.namespaces();
  const page = Number(call.query.get("page") ?? 1);
  const result = page === 1 ? all : [];
  return {
    result,
    result_info: { count: result.length, page, per_page: 100, total_count: all.length, total_pages: 1 },
  };
}

function createNamespace(store, call) {
  const { title } = parseJson(call.body);
  const created = store.create(title);
  if (!created) throw new ApiError(400, 10014, `a namespace titled ${title} exists`);
  return created;
}

const NAMESPACES = `/client/v4/accounts/(?<account>[^/]+)/storage/kv/namespaces`;
const route = (method, tail, perform, writes = false) => ({
  method,
  pattern: new RegExp(`^${NAMESPACES}${tail}$`),
  perform,
  writes,
});

/** Method, path, call, and whether a lost write would lose it. */
export const ROUTES = [
  route("GET", "", listNamespaces),
  route("POST", "", createNamespace),
  route("GET", "/(?<namespace>[^/]+)/values/(?<key>.+)", getValue),
  route("PUT", "/(?<namespace>[^/]+)/values/(?<key>.+)", putValue, true),
  route("DELETE", "/(?<namespace>[^/]+)/values/(?<key>.+)", deleteValue, true),
  route("GET", "/(?<namespace>[^/]+)/metadata/(?<key>.+)", getMetadata),
  route("GET", "/(?<namespace>[^/]+)/keys", listKeys),
  route("PUT", "/(?<namespace>[^/]+)/bulk", putBulk, true),
  route("DELETE", "/(?<namespace>[^/]+)/bulk", deleteBulk, true),
  route("POST", "/(?<namespace>[^/]+)/bulk/delete", deleteBulk, true),
  route("POST", "/(?<namespace>[^/]+)/bulk/get", getBulk),
];

/** The route of a call and its path parameters, checked against the store. */
export function find(store, method, pathname) {
  for (const candidate of ROUTES) {
    const match = candidate.method === method ? candidate.pattern.exec(pathname) : null;
    if (!match) continue;
    const { namespace, key } = match.groups;
    if (namespace && !store.has(namespace)) throw new ApiError(404, 10013, `namespace ${namespace} not found`);
    const decoded = key === undefined ? undefined : decodeURIComponent(key);
    if (decoded !== undefined) checkKey(decoded);
    return { route: candidate, namespace, key: decoded };
  }
  throw new ApiError(404, 7003, `no route for ${method} ${pathname}`);
}
