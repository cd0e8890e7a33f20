// The `fetchImplementation` of the OpenFeature web provider: the first bulk request is answered from the page, the others by
// the network, and where the network fails by the last good answer for the same context.

import type { Fetch } from "../types.js";
import type { AnswerStore } from "./answer_store.js";
import { type Answer, freshnessOf, versionOf } from "./answers.js";
import { Fences, fenced } from "./fences.js";
import { canonical, keyOf, signedContext } from "./identity.js";

type Input = Parameters<Fetch>[0];
type Init = Parameters<Fetch>[1];

/** A bulk request: the id of its answer, and what it demands of it. */
interface BulkRequest {
  id: string;
  key: string;
  ifNoneMatch: string;
  isNewerWanted: boolean;
  fenced: Request | undefined;
  signal: AbortSignal;
}

export class ProviderFetch {
  version: string | undefined; // that of the last answer
  private _fences = new Fences();
  private _isInlinedTaken = false;

  constructor(
    private _network: Fetch,
    private _bulkUrl: string,
    private _store: AnswerStore,
  ) {}

  async fetch(input: Input, init?: Init): Promise<Response> {
    const asked = await this._read(input, init);
    if (!asked) return this._network(input, init);
    const ready = this._first(asked);
    if (ready) return ready;
    try {
      const response = await (asked.fenced ? this._network(asked.fenced) : this._network(input, init));
      this._fences.shown(asked.key, response.headers.get("Flaghoist-Version"));
      await this._note(asked, response);
      this._store.isAway = isAway(response.status);
      return (this._store.isAway && this._fallback(asked)) || response;
    } catch (error) {
      if (isWithdrawn(asked.signal)) throw error;
      this._store.isAway = true;
      const last = this._fallback(asked);
      if (last) return last;
      throw error;
    }
  }

  /** Returns what a request asks, undefined when it is not the bulk request of this service. */
  private async _read(input: Input, init?: Init): Promise<BulkRequest | undefined> {
    try {
      const request = new Request(input instanceof Request ? input.clone() : input, init);
      const url = new URL(request.url);
      if (request.method !== "POST" || url.origin + url.pathname !== this._bulkUrl) return undefined;
      const text = await request.text();
      const body = JSON.parse(text);
      const token = request.headers.get("Flaghoist-Context") ?? body.signedContext;
      const context = token ? signedContext(token) : (body.context ?? {});
      const key = keyOf(request, url);
      const wanted = this._fences.wanted(key, url);
      return {
        id: identify(this._bulkUrl, key, context),
        key,
        ifNoneMatch: request.headers.get("If-None-Match") ?? "",
        isNewerWanted: Boolean(wanted),
        fenced: wanted ? fenced(request, text, wanted) : undefined,
        signal: init?.signal ?? request.signal,
      };
    } catch {
      return undefined; // the network says what is wrong with it
    }
  }

  private _first(asked: BulkRequest): Response | undefined {
    const { current, id, inlined } = this._store;
    if (!inlined || this._isInlinedTaken || asked.id !== id) return undefined;
    this._isInlinedTaken = true;
    return asked.isNewerWanted ? undefined : this._respond(current as Answer, asked);
  }

  /** Returns the last values; a client that holds them already gets the failure instead, so that it knows it is stale. */
  private _fallback(asked: BulkRequest): Response | undefined {
    const last = this._store.last(asked.id);
    return last && !holds(asked, last) ? this._respond({ ...last, source: "kept" }, asked) : undefined;
  }

  private _respond(answer: Answer, asked: BulkRequest): Response {
    const { version, level, age } = freshnessOf(answer);
    this.version = version;
    const headers = {
      "Content-Type": "application/json",
      ETag: answer.etag,
      "Flaghoist-Version": version,
      "Flaghoist-Age": String(age),
      "Flaghoist-Level": String(level),
    };
    if (holds(asked, answer)) return new Response(null, { status: 304, headers });
    const body = { ...answer.bulk, metadata: { ...answer.bulk.metadata, level, age } };
    return new Response(JSON.stringify(body), { headers });
  }

  /** Keeps what the network answers, before the caller reads it. */
  private async _note(asked: BulkRequest, response: Response): Promise<void> {
    const etag = response.headers.get("ETag") ?? "";
    const heard = { id: asked.id, etag, atMs: Date.now(), source: "network" } as const;
    try {
      if (response.status === 200) {
        const bulk = JSON.parse(await response.clone().text());
        if (!Array.isArray(bulk.flags)) return;
        this._store.keep({ ...heard, bulk });
        this.version = versionOf({ bulk });
      }
      const last = response.status === 304 ? this._store.last(asked.id) : undefined;
      if (!last || last.etag !== etag) return;
      const age = Number(response.headers.get("Flaghoist-Age")) || 0;
      this._store.keep({ ...heard, bulk: { ...last.bulk, metadata: { ...last.bulk.metadata, age } } });
    } catch {
      // The caller reads the response, and learns what is wrong with it.
    }
  }
}

/** Returns the id of the answer to a request: equal for any order of members. */
export const identify = (bulkUrl: string, key: string, context: unknown): string => canonical([bulkUrl, key, context]);

const holds = (asked: BulkRequest, answer: Answer): boolean =>
  Boolean(answer.etag) && asked.ifNoneMatch.includes(answer.etag);
const isAway = (status: number): boolean => status === 429 || status >= 500;
const isWithdrawn = (signal: AbortSignal): boolean => signal?.aborted && signal.reason?.name !== "TimeoutError";
