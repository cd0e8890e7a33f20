// The package's entry for servers that render pages: asks for the flags of one person, and writes them into the page's head.
// It needs `fetch` and nothing else of Node, so it runs in Workers, Deno and Bun as well.

import { checkClientKey } from "./client_key.js";
import { inAttribute, inScript } from "./escapes.js";
import type { Bulk, Context, Fetch, Payload } from "./types.js";
import { warn } from "./warn.js";

export { inMemoryFlags } from "./in_memory.js";
export type { Bulk, Context, Payload } from "./types.js";

/** The page script, set by the build. */
declare const PAGE_SCRIPT: string;

/** The script that starts clients from the payload; the same as `/v1/bootstrap.js`. */
export const SCRIPT: string = PAGE_SCRIPT;

const TIMEOUT_MS = 2_000;

/** Where to ask for flags, with which client key, for whom. */
export interface PayloadOptions {
  baseUrl: string;
  key: string;
  context?: Context;
  /** The token of a signed context; `context` has to be what it signs. */
  signedContext?: string | undefined;
  /** After this long the page goes without flags. */
  timeoutMs?: number;
  fetch?: Fetch;
}

/**
 * Returns what the page of one person carries. Where the flags cannot be had, `ofrep` is null: the page shows its fallbacks,
 * the browser asks, and the console of the server says why. Only a key that is no client key makes it reject.
 */
export async function fetchPayload(options: PayloadOptions): Promise<Payload> {
  const { baseUrl, key, context = {}, signedContext } = options;
  checkClientKey(key);
  const { ofrep, etag } = await evaluate(options, context);
  return { ofrep, etag, context, key, ...(signedContext ? { signedContext } : {}), baseUrl };
}

async function evaluate(options: PayloadOptions, context: Context): Promise<Pick<Payload, "ofrep" | "etag">> {
  const { baseUrl, key, signedContext, timeoutMs = TIMEOUT_MS, fetch: ask = globalThis.fetch } = options;
  const url = `${baseUrl.replace(/\/+$/, "")}/ofrep/v1/evaluate/flags`;
  const headers: Record<string, string> = { "Content-Type": "application/json", "X-API-Key": key };
  if (signedContext) headers["Flaghoist-Context"] = signedContext;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await ask(url, {
      method: "POST",
      headers,
      body: JSON.stringify({ context }),
      signal,
      cache: "no-store",
    });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    const ofrep = (await answer.json()) as Bulk;
    if (!Array.isArray(ofrep.flags)) throw new Error("its answer is no OFREP bulk answer");
    return { ofrep, etag: answer.headers.get("ETag") ?? "" };
  } catch (error) {
    warn(`the page goes without flags: ${(error as Error).message} (${url})`);
    return { ofrep: null, etag: "" };
  }
}

/** Returns the statement that sets the payload, for use inside a `<script>`; whatever strings it holds are inert in it. */
export function assignment(payload: Payload): string {
  const { ofrep, etag, context, key, signedContext, baseUrl } = payload;
  checkClientKey(key);
  const members = { ofrep, etag, context, key, ...(signedContext && { signedContext }), ...(baseUrl && { baseUrl }) };
  // Parsed from a string: in an object literal a member named `__proto__` would not be one.
  return `globalThis.__FLAGHOIST__=JSON.parse('${inScript(JSON.stringify(members))}');`;
}

/**
 * Returns one `<script>` element for the start of the page's `<head>`: the flags of one person, and the script that starts
 * clients from them. `nonce` is that of the page's Content-Security-Policy. Send the page with `Cache-Control: private, no-store`.
 */
export function headHtml(payload: Payload, { nonce = "" }: { nonce?: string | undefined } = {}): string {
  const attribute = nonce ? ` nonce="${inAttribute(nonce)}"` : "";
  return `<script${attribute}>${assignment(payload)}${SCRIPT}</script>`;
}
