// What was used and what was done, held until it is acknowledged. Ids let an event be sent again without counting twice.

import { fingerprint } from "./identity.js";

const SHELF_PREFIX = "flaghoist:events:";
const SHELF_CHARACTERS = 250_000;
const MOST_EVENTS = 1_000;
const BATCH_EVENTS = 100;
const BATCH_CHARACTERS = 16_000; // of 3 bytes at most: browsers send 64 KiB behind a page that is left
const FLUSH_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

export class EventQueue {
  constructor(network, url) {
    this._network = network;
    this._url = url;
    this._shelf = SHELF_PREFIX + fingerprint(url);
    this._events = [];
    this._timer = 0;
    this._sending = undefined; // the flush that runs
    this._failures = 0;
    this.flush = this.flush.bind(this);
  }

  // Takes an event; past the bound the oldest one is let go.
  put(members) {
    const event = { id: randomId(), ...members, at: Date.now(), source: "web" };
    if (JSON.stringify(event).length > BATCH_CHARACTERS) return; // it could never be sent
    this._events = [...this._events.slice(1 - MOST_EVENTS), event];
    if (this._events.length >= BATCH_EVENTS && !this._failures) void this.flush();
    else this._plan();
  }

  // Sends what waits; resolves when all of it is acknowledged, or has to wait.
  flush() {
    this._sending ??= this._sendAll().finally(() => (this._sending = undefined));
    return this._sending;
  }

  // Hands all over to the browser, which sends it behind a page that is left; what it does not take waits for the next page.
  // What is on its way goes again, too: the answer to it may never be seen.
  leave() {
    while (this._events.length && !isEarly()) {
      const batch = this._nextBatch();
      const isHopeless = this._failures || globalThis.navigator.onLine === false;
      if (isHopeless || !this._beacon(batch)) return this._shelve();
      this._drop(batch);
    }
  }

  // Takes back what an earlier page had to leave.
  comeBack() {
    try {
      const events = this._shelved();
      if (!events.length) return;
      globalThis.localStorage.removeItem(this._shelf);
      this._events = [...events, ...this._events].slice(-MOST_EVENTS);
      this._plan();
    } catch {
      // Refused, or not ours.
    }
  }

  _plan() {
    if (!this._sending) this._timer ||= globalThis.setTimeout(this.flush, FLUSH_MS);
  }

  async _sendAll() {
    globalThis.clearTimeout(this._timer);
    this._timer = 0;
    if (isEarly()) return globalThis.document.addEventListener("prerenderingchange", this.flush, { once: true });
    while (this._events.length) {
      const batch = this._nextBatch();
      const waitMs = await this._send(batch);
      this._failures = waitMs ? this._failures + 1 : 0;
      if (waitMs) {
        this._timer = globalThis.setTimeout(this.flush, waitMs);
        return;
      }
      this._drop(batch);
    }
  }

  // Returns how long to wait before these are sent again, 0 when they need not be.
  async _send(batch) {
    let seconds = 0;
    try {
      const headers = { "Content-Type": "text/plain;charset=UTF-8" }; // no preflight
      const response = await this._network(this._url, { method: "POST", headers, body: written(batch), keepalive: true });
      if (response.status !== 429 && response.status < 500) return 0;
      seconds = Number(response.headers.get("Retry-After")) || 0;
    } catch {
      // Away.
    }
    const backOffMs = Math.min(LONGEST_WAIT_MS, FLUSH_MS * 2 ** this._failures) * (0.5 + Math.random() / 2);
    return Math.max(backOffMs, seconds * 1000);
  }

  _nextBatch() {
    const batch = [];
    let characters = 0;
    for (const event of this._events.slice(0, BATCH_EVENTS)) {
      characters += JSON.stringify(event).length;
      if (batch.length && characters > BATCH_CHARACTERS) break;
      batch.push(event);
    }
    return batch;
  }

  _drop(batch) {
    this._events = this._events.filter((event) => !batch.includes(event));
  }

  _beacon(batch) {
    try {
      return globalThis.navigator.sendBeacon(this._url, new Blob([written(batch)], { type: "text/plain" }));
    } catch {
      return false;
    }
  }

  _shelved() {
    return JSON.parse(globalThis.localStorage.getItem(this._shelf) ?? "[]");
  }

  _shelve() {
    try {
      let events = [...this._shelved(), ...this._events].slice(-MOST_EVENTS);
      while (JSON.stringify(events).length > SHELF_CHARACTERS) events = events.slice(Math.ceil(events.length / 4));
      globalThis.localStorage.setItem(this._shelf, JSON.stringify(events));
      this._events = [];
    } catch {
      // Refused or full: they stay in memory for as long as the page does.
    }
  }
}

// A page that is prepared before anybody sees it has shown nothing yet, and may never be seen.
const isEarly = () => Boolean(globalThis.document.prerendering);
const written = (events) => JSON.stringify({ events });

function randomId() {
  const { crypto } = globalThis;
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page without TLS
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
