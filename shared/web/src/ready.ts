// Waits for flags: those of the page are there at once, others are asked for once.

import type { Flaghoist, Freshness } from "./types.js";
import { warn } from "./warn.js";

const TIMEOUT_MS = 5_000;
const REMEDIES: { [status: number]: string } = {
  401: "give connect() the client key of the environment",
  403: "give connect() a client key",
  404: "is baseUrl the address of the Worker or origin?",
};

const pending = new WeakMap<Flaghoist, Promise<Freshness | undefined>>();

/** Resolves to how fresh the values are, undefined where there are none; concurrent calls share one request. */
export function ready(flaghoist: Flaghoist, timeoutMs: number = TIMEOUT_MS): Promise<Freshness | undefined> {
  const present = flaghoist.standing();
  if (present && present.source !== "kept") return Promise.resolve(present);
  const asked = pending.get(flaghoist) ?? ask(flaghoist, timeoutMs).finally(() => pending.delete(flaghoist));
  pending.set(flaghoist, asked);
  return asked;
}

async function ask(flaghoist: Flaghoist, timeoutMs: number): Promise<Freshness | undefined> {
  const { baseUrl, context, fetch, providerOptions } = flaghoist;
  const url = `${baseUrl}/ofrep/v1/evaluate/flags`;
  const headers = { ...Object.fromEntries(providerOptions.headers), "Content-Type": "application/json" };
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new DOMException(`no answer in ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  try {
    const { ok, status } = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify({ context }),
      signal: late.signal,
    });
    if (!ok) warn(`no flags: ${url} answered ${status}: ${REMEDIES[status] ?? "the fallbacks hold"}`);
    else if (!flaghoist.standing()) warn(`no flags: ${url} answered, but not with flags: ${REMEDIES[404]}`);
  } catch (error) {
    warn(`no flags: ${(error as Error).message} (${url})`);
  } finally {
    clearTimeout(timer);
  }
  return flaghoist.standing();
}
