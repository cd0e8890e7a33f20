"""The script of ``bootstrap.js``, as pages carry it; written by ``python -m scripts.hydration_script``."""

SCRIPT = r"""// What a page runs first: holds the flags that stand in the page, and lets the unmodified OpenFeature web provider start from them.
//
// In:  globalThis.__FLAGHOIST__ = {"ofrep": bulk | null, "etag", "context", "key", "baseUrl"?}, or what `format=js` sets.
// Out: globalThis.Flaghoist, described in docs/hydration.md. Storage may be refused, the network away: nothing here throws.
(() => {
  const page = globalThis;
  const given = page.__FLAGHOIST__;
  if (page.Flaghoist && page.Flaghoist.payload === given) return;

  const BULK_PATH = "/ofrep/v1/evaluate/flags";
  const EVENTS_PATH = "/v1/events";
  const LAST_KNOWN_GOOD = 3;
  const KEPT_PREFIX = "flaghoist:kept:";
  const KEPT_ANSWERS = 8; // so many people, contexts or keys of one browser
  const KEPT_CHARACTERS = 1_000_000; // a fifth of what browsers give to a site
  const KEPT_MS = 30 * 24 * 3_600_000; // older values are nobody's expectation any more
  const SHELF_PREFIX = "flaghoist:events:";
  const SHELF_CHARACTERS = 250_000;
  const MOST_EVENTS = 1_000;
  const BATCH_EVENTS = 100;
  const BATCH_CHARACTERS = 16_000; // of 3 bytes at most: browsers send 64 KiB behind a page that is left
  const MOST_REPORTED = 5_000;
  const FLUSH_MS = 5_000;
  const LONGEST_WAIT_MS = 60_000;

  const network = page.fetch.bind(page);
  const payload = given ?? {};
  const baseUrl = (payload.baseUrl ?? page.location.origin).replace(/\/+$/, "");
  const absolute = (path) => new URL(baseUrl + path, page.document.baseURI).href;
  const bulkUrl = absolute(BULK_PATH);
  const key = payload.key ?? "";
  const context = payload.context ?? {};
  const eventsUrl = `${absolute(EVENTS_PATH)}?key=${encodeURIComponent(key)}`;

  // ---- answers: {id, bulk, etag, atMs, source}; an id names service, key and context, whatever the order of members

  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    if (!value || typeof value !== "object") return JSON.stringify(value) ?? "null";
    const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join()}}`;
  };
  const identify = (aKey, aContext) => canonical([bulkUrl, aKey, aContext]);
  const ownId = identify(key, context);

  // `format=js` holds the flags once, in our own form; OFREP's items say the same in other words.
  const asItem = ([flagKey, { value, reason, variation, version, errorCode, errorDetails }]) =>
    errorCode
      ? { key: flagKey, errorCode, errorDetails }
      : { key: flagKey, value, reason, variant: variation, metadata: { flagVersion: version } };
  const itemsOf = ({ ofrep, flags }) => ofrep.flags ?? Object.entries(flags ?? {}).map(asItem);
  const inlined = payload.ofrep && {
    id: ownId,
    bulk: { ...payload.ofrep, flags: itemsOf(payload) },
    etag: payload.etag ?? "",
    atMs: Date.now(),
    source: "page",
  };

  const versionOf = ({ bulk: { metadata } }) => String(metadata?.version ?? "0-0");
  const compare = (one, other) => {
    const [epoch = 0, version = 0] = versionOf(one).split("-").map(Number);
    const [otherEpoch = 0, otherVersion = 0] = versionOf(other).split("-").map(Number);
    return epoch - otherEpoch || version - otherVersion;
  };
  const isOffline = () => page.navigator.onLine === false;

  // Equal versions give equal values. Online the page's is the fresher one; offline the page itself comes from a cache,
  // and only what was kept knows its own age.
  const newest = (ofPage, kept) => {
    if (!ofPage || !kept) return ofPage ?? kept;
    const ahead = compare(kept, ofPage);
    return ahead > 0 || (ahead === 0 && isOffline()) ? kept : ofPage;
  };

  let chosen; // the newest answer for the page's own context
  let chosenItems;
  const adopt = (answer) => {
    chosen = answer;
    chosenItems = new Map(answer?.bulk.flags.map((item) => [item.key, item]));
  };
  const current = () => {
    if (!chosen) adopt(newest(inlined, readKept(ownId)));
    return chosen;
  };
  const details = (flagKey) => (current() ? chosenItems.get(flagKey) : undefined);

  const standingOf = (answer) => {
    const { level = 0, age = 0 } = answer.bulk.metadata ?? {};
    return {
      version: versionOf(answer),
      level: answer.source === "kept" || isOffline() ? LAST_KNOWN_GOOD : level,
      age: age + Math.max(0, Math.round((Date.now() - answer.atMs) / 1000)),
      source: answer.source,
    };
  };

  // ---- storage: an entry is its time, a space, and the answer

  const shortened = (text) => {
    let hash = 0x811c9dc5;
    for (let place = 0; place < text.length; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
    return (hash >>> 0).toString(36);
  };

  function readKept(id) {
    try {
      const text = page.localStorage.getItem(KEPT_PREFIX + shortened(id));
      const answer = text && JSON.parse(text.slice(text.indexOf(" ")));
      const isIt = answer && answer.id === id && Array.isArray(answer.bulk.flags);
      return isIt && Date.now() - answer.atMs < KEPT_MS ? { ...answer, source: "kept" } : undefined;
    } catch {
      return undefined; // refused, or not ours
    }
  }

  function writeKept(answer) {
    try {
      const name = KEPT_PREFIX + shortened(answer.id);
      const text = `${answer.atMs} ${JSON.stringify(answer)}`;
      if (text.length > KEPT_CHARACTERS) return;
      makeRoom(name, text.length);
      page.localStorage.setItem(name, text);
    } catch {
      // Refused or full: the next visit asks the network.
    }
  }

  function makeRoom(name, characters) {
    const storage = page.localStorage;
    const others = Object.keys(storage).filter((other) => other.startsWith(KEPT_PREFIX) && other !== name);
    const latestFirst = others.map((other) => [other, storage.getItem(other) ?? ""]);
    latestFirst.sort(([, one], [, two]) => parseInt(two, 10) - parseInt(one, 10));
    let room = KEPT_CHARACTERS - characters;
    latestFirst.forEach(([other, text], place) => {
      room -= text.length;
      if (room < 0 || place >= KEPT_ANSWERS - 1) storage.removeItem(other);
    });
  }

  function keep(answer) {
    const kept = readKept(answer.id);
    if (!kept || compare(answer, kept) >= 0) writeKept(answer);
    if (answer.id === ownId && (!current() || compare(answer, current()) >= 0)) adopt(answer);
  }

  // ---- the provider's fetch

  const keyOf = ({ headers }, url) => {
    const bearer = /^bearer (.*)$/i.exec(headers.get("Authorization") ?? "");
    return bearer?.[1].trim() ?? headers.get("X-API-Key") ?? url.searchParams.get("key") ?? "";
  };

  // Returns what a request asks, undefined when it is not the bulk request of this service.
  async function read(input, init) {
    try {
      const request = input instanceof Request ? input.clone() : new Request(input, init);
      const url = new URL(request.url);
      if (request.method !== "POST" || url.origin + url.pathname !== bulkUrl) return undefined;
      const body = await request.json();
      return {
        id: identify(keyOf(request, url), body.context ?? {}),
        ifNoneMatch: request.headers.get("If-None-Match") ?? "",
        isFenced: url.searchParams.has("flagConfigEtag"),
        signal: init?.signal ?? request.signal,
      };
    } catch {
      return undefined; // the network says what is wrong with it
    }
  }

  let spoken; // the version that the provider was answered last
  const holds = (asked, answer) => Boolean(answer.etag) && asked.ifNoneMatch.includes(answer.etag);

  function respond(answer, asked, status = 200) {
    const { version, level, age } = standingOf(answer);
    spoken = version;
    const headers = {
      "Content-Type": "application/json",
      ETag: answer.etag,
      "Flaghoist-Version": version,
      "Flaghoist-Age": String(age),
      "Flaghoist-Level": String(level),
    };
    if (status === 304) return new Response(null, { status, headers });
    const body = { ...answer.bulk, metadata: { ...answer.bulk.metadata, level, age } };
    return new Response(JSON.stringify(body), { status, headers });
  }

  let isInlinedTaken = false;
  function first(asked) {
    if (!inlined || isInlinedTaken || asked.id !== ownId) return undefined;
    isInlinedTaken = true;
    return asked.isFenced ? undefined : respond(current(), asked, holds(asked, current()) ? 304 : 200);
  }

  // A client that holds the last values already learns of the failure instead, so that it can say that it is stale.
  function instead(asked) {
    const last = newest(asked.id === ownId ? inlined : undefined, readKept(asked.id));
    return last && !holds(asked, last) ? respond({ ...last, source: "kept" }, asked) : undefined;
  }

  async function hear(asked, response) {
    const etag = response.headers.get("ETag") ?? "";
    const now = { id: asked.id, etag, atMs: Date.now(), source: "network" };
    try {
      if (response.status === 200) {
        const bulk = JSON.parse(await response.clone().text());
        if (!Array.isArray(bulk.flags)) return;
        keep({ ...now, bulk });
        spoken = versionOf({ bulk });
      }
      const kept = response.status === 304 ? readKept(asked.id) : undefined;
      if (!kept || kept.etag !== etag) return;
      const age = Number(response.headers.get("Flaghoist-Age")) || 0;
      keep({ ...now, bulk: { ...kept.bulk, metadata: { ...kept.bulk.metadata, age } } });
    } catch {
      // Whoever reads the response learns what is wrong with it.
    }
  }

  const isAway = (status) => status === 429 || status >= 500;
  const isWithdrawn = (signal) => signal?.aborted && signal.reason?.name !== "TimeoutError";

  async function hoisted(input, init) {
    const asked = await read(input, init);
    if (!asked) return network(input, init);
    const ready = first(asked);
    if (ready) return ready;
    try {
      const response = await network(input, init);
      await hear(asked, response);
      return (isAway(response.status) && instead(asked)) || response;
    } catch (error) {
      const last = isWithdrawn(asked.signal) ? undefined : instead(asked);
      if (last) return last;
      throw error;
    }
  }

  // ---- what was used: events wait here until they are acknowledged

  let queue = [];
  let timer = 0;
  let sending; // the flush that runs
  let failures = 0;
  const reported = new Set();

  const randomId = () => {
    if (page.crypto.randomUUID) return page.crypto.randomUUID();
    const bytes = page.crypto.getRandomValues(new Uint8Array(16)); // a page without TLS
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const unitOf = (aContext) => {
    const unit = aContext?.targetingKey;
    return typeof unit === "string" || Number.isInteger(unit) ? String(unit) || undefined : undefined;
  };
  const written = (events) => JSON.stringify({ events });
  const without = (events) => queue.filter((event) => !events.includes(event));

  function enqueue(members) {
    const event = { id: randomId(), ...members, at: Date.now(), source: "web" };
    if (JSON.stringify(event).length > BATCH_CHARACTERS) return; // it could never be sent
    queue = [...queue.slice(1 - MOST_EVENTS), event];
    if (queue.length >= BATCH_EVENTS && !failures) void flush();
    else plan();
  }

  function plan() {
    if (!sending) timer ||= page.setTimeout(flush, FLUSH_MS);
  }

  function nextBatch() {
    const batch = [];
    let characters = 0;
    for (const event of queue.slice(0, BATCH_EVENTS)) {
      characters += JSON.stringify(event).length;
      if (batch.length && characters > BATCH_CHARACTERS) break;
      batch.push(event);
    }
    return batch;
  }

  // Returns how long to wait before these are sent again, 0 when they need not be.
  async function send(batch) {
    let seconds = 0;
    try {
      const headers = { "Content-Type": "text/plain;charset=UTF-8" }; // no preflight
      const response = await network(eventsUrl, { method: "POST", headers, body: written(batch), keepalive: true });
      if (!isAway(response.status)) return 0;
      seconds = Number(response.headers.get("Retry-After")) || 0;
    } catch {
      // Away: the ids let them be sent again without harm.
    }
    const backOffMs = Math.min(LONGEST_WAIT_MS, FLUSH_MS * 2 ** failures) * (0.5 + Math.random() / 2);
    return Math.max(backOffMs, seconds * 1000);
  }

  async function sendAll() {
    page.clearTimeout(timer);
    timer = 0;
    while (queue.length) {
      const batch = nextBatch();
      const waitMs = await send(batch);
      failures = waitMs ? failures + 1 : 0;
      if (waitMs) {
        timer = page.setTimeout(flush, waitMs);
        return;
      }
      queue = without(batch);
    }
  }

  function flush() {
    sending ??= sendAll().finally(() => (sending = undefined));
    return sending;
  }

  // What is on its way goes again, too: the answer to it may never be seen, and a doubled id counts once.
  function leave() {
    while (queue.length) {
      const batch = nextBatch();
      if (failures || isOffline() || !beacon(batch)) return shelve();
      queue = without(batch);
    }
  }

  function beacon(batch) {
    try {
      return page.navigator.sendBeacon(eventsUrl, new Blob([written(batch)], { type: "text/plain" }));
    } catch {
      return false;
    }
  }

  const shelf = SHELF_PREFIX + shortened(eventsUrl);
  const shelved = () => JSON.parse(page.localStorage.getItem(shelf) ?? "[]");

  function shelve() {
    try {
      let events = [...shelved(), ...queue].slice(-MOST_EVENTS);
      while (JSON.stringify(events).length > SHELF_CHARACTERS) events = events.slice(Math.ceil(events.length / 4));
      page.localStorage.setItem(shelf, JSON.stringify(events));
      queue = [];
    } catch {
      // Refused or full: they stay in memory for as long as the page does.
    }
  }

  function unshelve() {
    try {
      const events = shelved();
      if (!events.length) return;
      page.localStorage.removeItem(shelf);
      queue = [...events, ...queue].slice(-MOST_EVENTS);
      plan();
    } catch {
      // Refused, or not ours.
    }
  }

  function expose(flag, variant, version, unit) {
    const name = canonical([flag, variant, version, unit]);
    if (reported.has(name)) return;
    if (reported.size >= MOST_REPORTED) reported.clear();
    reported.add(name);
    enqueue({ type: "exposure", flag, variant, version, unit });
  }

  const isScalar = (value) => typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);

  // ---- what the page sees

  page.Flaghoist = {
    payload: given,
    context,
    baseUrl,
    key,
    fetch: hoisted,
    // Its own cache is off: it goes by targeting key alone, and would show older values than the page does.
    providerOptions: { baseUrl, fetchImplementation: hoisted, headers: [["X-API-Key", key]], cacheMode: "disabled" },
    details,
    value(flagKey, fallback) {
      const { value } = details(flagKey) ?? {};
      return value !== undefined && (fallback === undefined || typeof value === typeof fallback) ? value : fallback;
    },
    standing: () => current() && standingOf(current()),
    used(flagKey) {
      const { variant } = details(flagKey) ?? {};
      if (typeof variant === "string") expose(flagKey, variant, versionOf(current()), unitOf(context));
    },
    hook: {
      after({ context: aContext }, { flagKey, variant, errorCode }) {
        const version = spoken ?? (current() ? versionOf(current()) : undefined);
        if (typeof variant === "string" && !errorCode) expose(flagKey, variant, version, unitOf(aContext));
      },
    },
    track(name, { value, ...rest } = {}) {
      const attributes = Object.fromEntries(Object.entries(rest).filter(([, each]) => isScalar(each)));
      enqueue({ type: "track", name, unit: unitOf(context), value: Number.isFinite(value) ? value : undefined, attributes });
    },
    flush,
  };

  page.addEventListener("pagehide", leave);
  page.document.addEventListener("visibilitychange", () => (page.document.visibilityState === "hidden" ? leave() : unshelve()));
  // Off the way to the first paint: what stands in the page is kept for the day without a network, what was left is sent.
  page.setTimeout(() => {
    if (inlined && !isOffline()) keep(inlined);
    unshelve();
  }, 0);
})();
"""
