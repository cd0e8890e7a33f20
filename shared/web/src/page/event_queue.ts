// Events that wait until they are acknowledged. Each has an id, so that one that is sent twice counts once.

import type { Fetch } from "../types.js";
import { fingerprint } from "./identity.js";
import { isOffline, later, scope, storage, type Timer } from "./scope.js";

const SHELF_PREFIX = "flaghoist:events:";
const SHELF_CHARACTERS = 250_000;
const MOST_EVENTS = 1_000;
const BATCH_EVENTS = 100;
const BATCH_CHARACTERS = 16_000; // of 3 bytes at most: browsers send 64 KiB after a page is left
const FLUSH_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

/** What an event says beside its id, time and source. */
export interface EventMembers {
  type: "exposure" | "track";
  unit: string | undefined;
  [member: string]: unknown;
}
type Event = EventMembers & { id: string; at: number; source: "web" };

export class EventQueue {
  private _shelf: string;
  private _events: Event[] = [];
  private _timer: Timer = 0;
  private _sending: Promise<void> | undefined; // the flush that runs
  private _failures = 0;

  constructor(
    private _network: Fetch,
    private _url: string,
  ) {
    this._shelf = SHELF_PREFIX + fingerprint(_url);
    this.flush = this.flush.bind(this);
  }

  /** Takes an event; past the bound the oldest one is dropped. */
  put(members: EventMembers): void {
    const event: Event = { id: randomId(), ...members, at: Date.now(), source: "web" };
    if (JSON.stringify(event).length > BATCH_CHARACTERS) return; // it could never be sent
    this._events = [...this._events.slice(1 - MOST_EVENTS), event];
    if (this._events.length >= BATCH_EVENTS && !this._failures) void this.flush();
    else this._plan();
  }

  /** Sends waiting events; resolves when all are acknowledged, or have to wait. */
  flush(): Promise<void> {
    this._sending ??= this._sendAll().finally(() => (this._sending = undefined));
    return this._sending;
  }

  /**
   * Hands all events to the browser, which sends them after the page is left; what it does not take waits for the next page.
   * Events that are being sent go again, too: their answer may never be seen.
   */
  leave(): void {
    while (this._events.length && !isEarly()) {
      const batch = this._nextBatch();
      const isHopeless = this._failures || isOffline();
      if (isHopeless || !this._beacon(batch)) {
        this._shelve();
        return;
      }
      this._drop(batch);
    }
  }

  /** Takes back what an earlier page could not send. */
  comeBack(): void {
    try {
      const events = this._shelved();
      if (!events.length) return;
      (storage() as Storage).removeItem(this._shelf);
      this._events = [...events, ...this._events].slice(-MOST_EVENTS);
      this._plan();
    } catch {
      // Refused, or not ours.
    }
  }

  private _plan(): void {
    if (!this._sending) this._timer ||= later(this.flush, FLUSH_MS);
  }

  private async _sendAll(): Promise<void> {
    scope.clearTimeout(this._timer as number);
    this._timer = 0;
    if (isEarly()) return scope.document?.addEventListener("prerenderingchange", this.flush, { once: true });
    while (this._events.length) {
      const batch = this._nextBatch();
      const waitMs = await this._send(batch);
      this._failures = waitMs ? this._failures + 1 : 0;
      if (waitMs) {
        this._timer = later(this.flush, waitMs);
        return;
      }
      this._drop(batch);
    }
  }

  /** Returns how many milliseconds to wait before these are sent again, 0 when they need not be. */
  private async _send(batch: Event[]): Promise<number> {
    let seconds = 0;
    try {
      const headers = { "Content-Type": "text/plain;charset=UTF-8" }; // no preflight
      const response = await this._network(this._url, {
        method: "POST",
        headers,
        body: asBody(batch),
        keepalive: true,
      });
      if (response.status !== 429 && response.status < 500) return 0;
      seconds = Number(response.headers.get("Retry-After")) || 0;
    } catch {
      // No answer.
    }
    const backOffMs = Math.min(LONGEST_WAIT_MS, FLUSH_MS * 2 ** this._failures) * (0.5 + Math.random() / 2);
    return Math.max(backOffMs, seconds * 1000);
  }

  private _nextBatch(): Event[] {
    const batch: Event[] = [];
    let characters = 0;
    for (const event of this._events.slice(0, BATCH_EVENTS)) {
      characters += JSON.stringify(event).length;
      if (batch.length && characters > BATCH_CHARACTERS) break;
      batch.push(event);
    }
    return batch;
  }

  private _drop(batch: Event[]): void {
    this._events = this._events.filter((event) => !batch.includes(event));
  }

  private _beacon(batch: Event[]): boolean {
    try {
      return (scope.navigator as Navigator).sendBeacon(this._url, new Blob([asBody(batch)], { type: "text/plain" }));
    } catch {
      return false;
    }
  }

  private _shelved(): Event[] {
    return JSON.parse(storage()?.getItem(this._shelf) ?? "[]");
  }

  private _shelve(): void {
    try {
      let events = [...this._shelved(), ...this._events].slice(-MOST_EVENTS);
      while (JSON.stringify(events).length > SHELF_CHARACTERS) events = events.slice(Math.ceil(events.length / 4));
      (storage() as Storage).setItem(this._shelf, JSON.stringify(events));
      this._events = [];
    } catch {
      // Refused or full: they stay in memory for as long as the page does.
    }
  }
}

// A page that is prerendered has shown nothing yet, and may never be seen.
const isEarly = (): boolean => Boolean((scope.document as { prerendering?: boolean } | undefined)?.prerendering);
const asBody = (events: Event[]): string => JSON.stringify({ events });

function randomId(): string {
  const { crypto } = scope;
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page without TLS
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
