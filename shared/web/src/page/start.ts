// Starts Flaghoist from a payload, or from the address, key and context alone.

import type { Fetch, Flaghoist, ProviderOptions } from "../types.js";
import { AnswerStore } from "./answer_store.js";
import { type InlinedPayload, inlinedAnswer } from "./answers.js";
import { EventQueue } from "./event_queue.js";
import { identify, ProviderFetch } from "./provider_fetch.js";
import { Reports } from "./reports.js";
import { isOffline, scope } from "./scope.js";

type Header = ProviderOptions["headers"][number];

const BULK_PATH = "/ofrep/v1/evaluate/flags";
const EVENTS_PATH = "/v1/events";

/** Returns the flags of `payload`; in a page they are kept, and reports are sent when it is left. */
export function start(payload: InlinedPayload | undefined, network: Fetch = scope.fetch.bind(scope)): Flaghoist {
  const { key = "", context = {}, signedContext } = payload ?? {};
  const baseUrl = (payload?.baseUrl ?? (scope.location as Location).origin).replace(/\/+$/, "");
  const absolute = (path: string): string => new URL(baseUrl + path, scope.document?.baseURI).href;

  const id = identify(absolute(BULK_PATH), key, context);
  const store = new AnswerStore(id, payload && inlinedAnswer(payload, id));
  const provider = new ProviderFetch(network, absolute(BULK_PATH), store);
  const events = new EventQueue(network, `${absolute(EVENTS_PATH)}?key=${encodeURIComponent(key)}`);
  const reports = new Reports(events);
  const fetchImplementation: Fetch = provider.fetch.bind(provider);
  const signed: Header[] = signedContext ? [["Flaghoist-Context", signedContext]] : [];
  attend(store, events);

  return {
    payload,
    context,
    baseUrl,
    key,
    fetch: fetchImplementation,
    // Its own cache is off: it goes by targeting key alone, and would show older values than the page does.
    providerOptions: { baseUrl, fetchImplementation, headers: [["X-API-Key", key], ...signed], cacheMode: "disabled" },

    details: (flagKey) => store.details(flagKey),

    value(flagKey: string, fallback?: unknown) {
      const value = store.details(flagKey)?.value;
      return value !== undefined && (fallback === undefined || typeof value === typeof fallback) ? value : fallback;
    },

    standing: () => store.freshness,

    used(flagKey) {
      const variant = store.details(flagKey)?.variant;
      if (typeof variant === "string") reports.expose(flagKey, variant, store.version, context);
    },

    hook: {
      after({ context: evaluated }, { flagKey, variant, errorCode }) {
        if (typeof variant !== "string" || errorCode) return;
        reports.expose(flagKey, variant, provider.version ?? store.version, evaluated);
      },
    },

    track: (name, details = {}) => reports.track(name, context, details),
    flush: events.flush,
  } as Flaghoist;
}

function attend(store: AnswerStore, events: EventQueue): void {
  const { document } = scope;
  if (!document) return;
  scope.addEventListener?.("pagehide", () => events.leave());
  document.addEventListener("visibilitychange", () =>
    document.visibilityState === "hidden" ? events.leave() : events.comeBack(),
  );
  // After the first paint: keep what the page carries, send what an earlier page could not.
  scope.setTimeout(() => {
    if (store.inlined && !isOffline()) store.keep(store.inlined);
    events.comeBack();
  }, 0);
}
