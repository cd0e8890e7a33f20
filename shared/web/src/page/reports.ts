// What a page reports: which variants it showed, once each, and what happened in it.

import type { EventDetails } from "../types.js";
import type { EventQueue } from "./event_queue.js";
import { canonical, unitOf } from "./identity.js";

const MOST_REMEMBERED = 5_000;

export class Reports {
  private _reported = new Set<string>();

  constructor(private _events: EventQueue) {}

  /** Reports that a context was shown a variant, unless that was reported before. */
  expose(flag: string, variant: string, version: string | undefined, context: object): void {
    const unit = unitOf(context);
    const name = canonical([flag, variant, version, unit]);
    if (this._reported.has(name)) return;
    if (this._reported.size >= MOST_REMEMBERED) this._reported.clear();
    this._reported.add(name);
    this._events.put({ type: "exposure", flag, variant, version, unit });
  }

  /** Reports that something happened; only text, finite numbers and booleans are taken as attributes. */
  track(name: string, context: object, { value, ...rest }: EventDetails): void {
    const attributes = Object.fromEntries(Object.entries(rest).filter(([, each]) => isScalar(each)));
    const number = Number.isFinite(value) ? value : undefined;
    this._events.put({ type: "track", name, unit: unitOf(context), value: number, attributes });
  }
}

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
