// What a page tells about itself: which variants it showed, once each, and what happened in it.

import { canonical, unitOf } from "./identity.js";

const MOST_REMEMBERED = 5_000;

export class Reports {
  constructor(events) {
    this._events = events;
    this._told = new Set();
  }

  // Tells that a context was shown a variant, unless that was told before.
  expose(flag, variant, version, context) {
    const unit = unitOf(context);
    const name = canonical([flag, variant, version, unit]);
    if (this._told.has(name)) return;
    if (this._told.size >= MOST_REMEMBERED) this._told.clear();
    this._told.add(name);
    this._events.put({ type: "exposure", flag, variant, version, unit });
  }

  // Tells that something happened, with a number and attributes; what is neither text nor number nor truth is left out.
  track(name, context, { value, ...rest }) {
    const attributes = Object.fromEntries(Object.entries(rest).filter(([, each]) => isScalar(each)));
    const number = Number.isFinite(value) ? value : undefined;
    this._events.put({ type: "track", name, unit: unitOf(context), value: number, attributes });
  }
}

const isScalar = (value) => typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
