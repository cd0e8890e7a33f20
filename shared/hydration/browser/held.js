// The newest answer for the page's own context: what stands in the page, what was kept, or what came since.

import { compare, newest, standingOf, versionOf } from "./answers.js";
import { readKept, writeKept } from "./kept.js";

export class Held {
  constructor(id, inlined) {
    this.id = id;
    this.inlined = inlined;
    this.isAway = false; // whether the last question went without an answer
    this._adopt(undefined);
  }

  // The storage is read when somebody asks, and not on the way to a page that reads no flag.
  get current() {
    if (!this._current) this._adopt(newest(this.inlined, readKept(this.id)));
    return this._current;
  }

  get version() {
    return this.current && versionOf(this.current);
  }

  get standing() {
    return this.current && standingOf(this.current, this.isAway);
  }

  // Returns the OFREP item of a flag.
  details(key) {
    return this.current && this._items.get(key);
  }

  // Keeps an answer for whatever context, unless a newer one is kept.
  keep(answer) {
    const kept = readKept(answer.id);
    if (!kept || compare(answer, kept) >= 0) writeKept(answer);
    if (answer.id === this.id && (!this.current || compare(answer, this.current) >= 0)) this._adopt(answer);
  }

  // Returns the last good answer under exactly this id.
  last(id) {
    return newest(id === this.id ? this.inlined : undefined, readKept(id));
  }

  _adopt(answer) {
    this._current = answer;
    this._items = new Map(answer?.bulk.flags.map((item) => [item.key, item]));
  }
}
