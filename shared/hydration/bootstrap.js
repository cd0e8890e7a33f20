// What a page runs first: holds the flags that stand in the page, and lets the unmodified OpenFeature web provider start from them.
//
// In:  globalThis.__FLAGHOIST__ = {"ofrep": bulk | null, "etag", "context", "key", "signedContext"?, "baseUrl"?}, or what `format=js` sets.
// Out: globalThis.Flaghoist, described in docs/hydration.md. Storage may be refused, the network away: nothing here throws.

import { inlinedAnswer } from "./browser/answers.js";
import { EventQueue } from "./browser/event_queue.js";
import { Held } from "./browser/held.js";
import { identify, ProviderFetch } from "./browser/provider_fetch.js";
import { Reports } from "./browser/reports.js";

const BULK_PATH = "/ofrep/v1/evaluate/flags";
const EVENTS_PATH = "/v1/events";

function start(payload) {
  const { key = "", context = {}, signedContext } = payload ?? {};
  const baseUrl = (payload?.baseUrl ?? globalThis.location.origin).replace(/\/+$/, "");
  const absolute = (path) => new URL(baseUrl + path, globalThis.document.baseURI).href;
  const network = globalThis.fetch.bind(globalThis);

  const id = identify(absolute(BULK_PATH), key, context);
  const held = new Held(id, payload && inlinedAnswer(payload, id));
  const provider = new ProviderFetch(network, absolute(BULK_PATH), held);
  const events = new EventQueue(network, `${absolute(EVENTS_PATH)}?key=${encodeURIComponent(key)}`);
  const reports = new Reports(events);
  const fetchImplementation = provider.fetch.bind(provider);
  const headers = [["X-API-Key", key], ...(signedContext ? [["Flaghoist-Context", signedContext]] : [])];
  attend(held, events);

  return {
    payload,
    context,
    baseUrl,
    key,
    fetch: fetchImplementation,
    // Its own cache is off: it goes by targeting key alone, and would show older values than the page does.
    providerOptions: { baseUrl, fetchImplementation, headers, cacheMode: "disabled" },

    // Returns a flag's OFREP item, undefined when there is none.
    details: (flagKey) => held.details(flagKey),

    // Returns a flag's value, or the fallback when there is none of that type.
    value(flagKey, fallback) {
      const value = held.details(flagKey)?.value;
      return value !== undefined && (fallback === undefined || typeof value === typeof fallback) ? value : fallback;
    },

    // Returns {version, level, age, source} of what `value` reads, undefined when there is nothing.
    standing: () => held.standing,

    // Reports that the page shows what this flag says.
    used(flagKey) {
      const variant = held.details(flagKey)?.variant;
      if (typeof variant === "string") reports.expose(flagKey, variant, held.version, context);
    },

    // An OpenFeature hook that reports every evaluation without an error.
    hook: {
      after({ context: evaluated }, { flagKey, variant, errorCode }) {
        if (typeof variant !== "string" || errorCode) return;
        reports.expose(flagKey, variant, provider.version ?? held.version, evaluated);
      },
    },

    track: (name, details = {}) => reports.track(name, context, details),
    flush: events.flush,
  };
}

function attend(held, events) {
  const { document } = globalThis;
  globalThis.addEventListener("pagehide", () => events.leave());
  document.addEventListener("visibilitychange", () =>
    document.visibilityState === "hidden" ? events.leave() : events.comeBack(),
  );
  // Off the way to the first paint: what stands in the page is kept, what an earlier page left is sent.
  globalThis.setTimeout(() => {
    if (held.inlined && globalThis.navigator.onLine !== false) held.keep(held.inlined);
    events.comeBack();
  }, 0);
}

// A page may carry this script and load it as well.
const payload = globalThis.__FLAGHOIST__;
if (!globalThis.Flaghoist || globalThis.Flaghoist.payload !== payload) globalThis.Flaghoist = start(payload);
