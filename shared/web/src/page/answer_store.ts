// The newest answer for the page's own context: what the page carries, what was kept, or what came from the network since.

import type { FlagItem, Freshness } from "../types.js";
import { type Answer, compare, freshnessOf, newest, versionOf } from "./answers.js";
import { readKept, writeKept } from "./kept_answers.js";

export class AnswerStore {
  isAway = false; // whether the last request was not answered
  private _current: Answer | undefined;
  private _items!: Map<string, FlagItem>;

  constructor(
    readonly id: string,
    readonly inlined: Answer | undefined,
  ) {}

  /** The storage is read when somebody asks, so a page that reads no flag does not wait for it. */
  get current(): Answer | undefined {
    if (!this._current) this._adopt(newest(this.inlined, readKept(this.id)));
    return this._current;
  }

  get version(): string | undefined {
    return this.current && versionOf(this.current);
  }

  get freshness(): Freshness | undefined {
    return this.current && freshnessOf(this.current, this.isAway);
  }

  /** Returns the OFREP item of a flag. */
  details(key: string): FlagItem | undefined {
    return this.current && this._items.get(key);
  }

  /** Keeps an answer for any context, unless a newer one is kept. */
  keep(answer: Answer): void {
    const kept = readKept(answer.id);
    if (!kept || compare(answer, kept) >= 0) writeKept(answer);
    if (answer.id === this.id && (!this.current || compare(answer, this.current) >= 0)) this._adopt(answer);
  }

  /** Returns the last good answer under exactly this id. */
  last(id: string): Answer | undefined {
    return newest(id === this.id ? this.inlined : undefined, readKept(id));
  }

  private _adopt(answer: Answer | undefined): void {
    this._current = answer;
    this._items = new Map(answer?.bulk.flags.map((item) => [item.key, item]));
  }
}
