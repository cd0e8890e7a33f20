// The `fetchImplementation` of the OpenFeature web provider: the first bulk request is answered from the page, the others by
// the network, and by the last good answer for the same context where the network cannot.

import { standingOf, versionOf } from "./answers.js";
import { fenced, Fences } from "./fences.js";
import { canonical, keyOf, signedContext } from "./identity.js";

export class ProviderFetch {
  constructor(network, bulkUrl, held) {
    this._network = network;
    this._bulkUrl = bulkUrl;
    this._held = held;
    this._fences = new Fences();
    this._isInlinedTaken = false;
    this.version = undefined; // that of the last answer
  }

  async fetch(input, init) {
    const asked = await this._read(input, init);
    if (!asked) return this._network(input, init);
    const ready = this._first(asked);
    if (ready) return ready;
    try {
      const response = await (asked.fenced ? this._network(asked.fenced) : this._network(input, init));
      this._fences.shown(asked.key, response.headers.get("Flaghoist-Version"));
      await this._hear(asked, response);
      this._held.isAway = isAway(response.status);
      return (this._held.isAway && this._instead(asked)) || response;
    } catch (error) {
      if (isWithdrawn(asked.signal)) throw error;
      this._held.isAway = true;
      const last = this._instead(asked);
      if (last) return last;
      throw error;
    }
  }

  // Returns what a request asks, undefined when it is not the bulk request of this service.
  async _read(input, init) {
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
        fenced: wanted && fenced(request, text, wanted),
        signal: init?.signal ?? request.signal,
      };
    } catch {
      return undefined; // the network says what is wrong with it
    }
  }

  _first(asked) {
    const { current, id, inlined } = this._held;
    if (!inlined || this._isInlinedTaken || asked.id !== id) return undefined;
    this._isInlinedTaken = true;
    return asked.isNewerWanted ? undefined : this._respond(current, asked);
  }

  // A client that holds the last values already learns of the failure instead, so that it can say that it is stale.
  _instead(asked) {
    const last = this._held.last(asked.id);
    return last && !holds(asked, last) ? this._respond({ ...last, source: "kept" }, asked) : undefined;
  }

  _respond(answer, asked) {
    const { version, level, age } = standingOf(answer);
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

  // Keeps what the network answers, before whoever asked reads it.
  async _hear(asked, response) {
    const etag = response.headers.get("ETag") ?? "";
    const heard = { id: asked.id, etag, atMs: Date.now(), source: "network" };
    try {
      if (response.status === 200) {
        const bulk = JSON.parse(await response.clone().text());
        if (!Array.isArray(bulk.flags)) return;
        this._held.keep({ ...heard, bulk });
        this.version = versionOf({ bulk });
      }
      const last = response.status === 304 ? this._held.last(asked.id) : undefined;
      if (!last || last.etag !== etag) return;
      const age = Number(response.headers.get("Flaghoist-Age")) || 0;
      this._held.keep({ ...heard, bulk: { ...last.bulk, metadata: { ...last.bulk.metadata, age } } });
    } catch {
      // Whoever reads the response learns what is wrong with it.
    }
  }
}

// The id of the answer to a question: equal for whatever order of members.
export const identify = (bulkUrl, key, context) => canonical([bulkUrl, key, context]);

const holds = (asked, answer) => Boolean(answer.etag) && asked.ifNoneMatch.includes(answer.etag);
const isAway = (status) => status === 429 || status >= 500;
const isWithdrawn = (signal) => signal?.aborted && signal.reason?.name !== "TimeoutError";
