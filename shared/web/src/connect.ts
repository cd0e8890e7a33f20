// The entry for applications: the flags that the page carries, or, where it carries none, flags that are asked for.

import { checkClientKey } from "./client_key.js";
import { canonical } from "./page/identity.js";
import { scope } from "./page/scope.js";
import { start } from "./page/start.js";
import { ready } from "./ready.js";
import type { Fetch, Flaghoist, Freshness, Payload } from "./types.js";

/** Where to ask and for whom, if the page carries no flags; with `ofrep` and `etag` of a `Payload`, start from that. */
export interface ConnectOptions extends Partial<Payload> {
  /** What requests go through; the global `fetch` if left out. */
  fetch?: Fetch | undefined;
}

/** What `connect` returns: `Flaghoist`, and a promise for code that has no OpenFeature client. */
export type Connected<Values = unknown> = Flaghoist<Values> & {
  /**
   * Resolves when there are flags: at once from the page, else after one request. It never rejects: without an answer it
   * resolves to how fresh the last known values are, or to undefined, and says why in the console.
   */
  ready(timeoutMs?: number): Promise<Freshness | undefined>;
};

const NOWHERE = "https://flaghoist.invalid";

/**
 * Returns the flags of this page. Where the page carries flags (behind the Worker, or rendered with `headHtml`), those count
 * and the options are not used. Otherwise the options say where to ask; nothing is asked before `ready` or a provider does.
 *
 * A page has one such object, as long as the options say the same; a server gets a new one each time.
 */
export function connect(options?: ConnectOptions): Connected;
export function connect<Values>(options?: ConnectOptions): Connected<Values>;
export function connect(options: ConnectOptions = {}): Connected {
  const flaghoist = scope.document ? ofPage(options) : begin(options);
  return { ...flaghoist, ready: (timeoutMs?: number) => ready(flaghoist, timeoutMs) };
}

function ofPage(options: ConnectOptions): Flaghoist {
  const payload = scope.__FLAGHOIST__;
  const present = scope.Flaghoist;
  const isPresent = present && present.payload === payload && (payload || isFor(present, options));
  if (isPresent) return present;
  scope.Flaghoist = payload ? start(payload) : begin(options);
  return scope.Flaghoist;
}

function isFor(present: Flaghoist, options: ConnectOptions): boolean {
  const { baseUrl = scope.location?.origin ?? "", key = "", context = {}, ofrep } = options;
  const wanted = [baseUrl.replace(/\/+$/, ""), key, context];
  return !ofrep && canonical(wanted) === canonical([present.baseUrl, present.key, present.context]);
}

function begin({ fetch, ...given }: ConnectOptions): Flaghoist {
  checkClientKey(given.key ?? "");
  const isSomewhere = given.baseUrl ?? scope.location?.origin;
  const begun = isSomewhere ? start(given, fetch) : start({ ...given, baseUrl: NOWHERE }, refuse as Fetch);
  return { ...begun, payload: undefined };
}

async function refuse(): Promise<never> {
  throw new Error("there is no page to take flags from, and no baseUrl: give connect({ baseUrl, key, context })");
}
