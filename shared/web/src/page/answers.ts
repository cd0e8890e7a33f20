// Answers to the bulk request: where they come from, which is newer, and how fresh they are.

import type { Bulk, FlagItem, Freshness, JsonValue, Payload } from "../types.js";
import { isOffline } from "./scope.js";

/** An OFREP bulk body for one service, key and context (its id), and when it came. */
export interface Answer {
  id: string;
  bulk: Bulk;
  etag: string;
  atMs: number;
  source: Freshness["source"];
}

/** A flag as `format=js` writes it. */
interface BootstrapFlag {
  value: JsonValue;
  reason: string;
  variation: string;
  version: number;
  errorCode?: string;
  errorDetails?: string;
}

/** The payload as pages carry it: of `head_html`, or of `format=js`, which has the flags in our own form. */
export interface InlinedPayload extends Partial<Omit<Payload, "ofrep">> {
  ofrep?: (Omit<Bulk, "flags"> & { flags?: FlagItem[] }) | null | undefined;
  flags?: { [key: string]: BootstrapFlag };
}

const LAST_KNOWN_GOOD = 3;

const asItem = ([key, { value, reason, variation, version, errorCode, errorDetails }]: [
  string,
  BootstrapFlag,
]): FlagItem =>
  errorCode
    ? ({ key, errorCode, errorDetails } as FlagItem)
    : { key, value, reason, variant: variation, metadata: { flagVersion: version } };

/** Returns the answer that the page carries, undefined where nothing could be evaluated for it. */
export function inlinedAnswer({ ofrep, flags, etag }: InlinedPayload, id: string): Answer | undefined {
  if (!ofrep) return undefined;
  const items = ofrep.flags ?? Object.entries(flags ?? {}).map(asItem);
  return { id, bulk: { ...ofrep, flags: items }, etag: etag ?? "", atMs: Date.now(), source: "page" };
}

/** The version of the snapshot that answered, "epoch-version". */
export const versionOf = ({ bulk }: Pick<Answer, "bulk">): string => String(bulk.metadata?.version ?? "0-0");

/** Returns more than 0 when `one` is newer than `other`. */
export function compareVersions(one: string, other: string): number {
  const [epoch = 0, version = 0] = one.split("-").map(Number);
  const [otherEpoch = 0, otherVersion = 0] = other.split("-").map(Number);
  return epoch - otherEpoch || version - otherVersion;
}

/** Compares the versions of two answers in the same way. */
export const compare = (one: Answer, other: Answer): number => compareVersions(versionOf(one), versionOf(other));

/**
 * Returns the answer to use. Equal versions give equal values: online the page's answer is the fresher one; offline the
 * page itself comes from a cache, and only the kept answer knows its own age.
 */
export function newest(inlined: Answer | undefined, kept: Answer | undefined): Answer | undefined {
  if (!inlined || !kept) return inlined ?? kept;
  const ahead = compare(kept, inlined);
  return ahead > 0 || (ahead === 0 && isOffline()) ? kept : inlined;
}

/** Returns how fresh an answer is. While the server is away, every answer is the last known good one. */
export function freshnessOf(answer: Answer, isAway = false): Freshness {
  const { level = 0, age = 0 } = answer.bulk.metadata ?? {};
  return {
    version: versionOf(answer),
    level: answer.source === "kept" || isAway || isOffline() ? LAST_KNOWN_GOOD : level,
    age: age + Math.max(0, Math.round((Date.now() - answer.atMs) / 1000)),
    source: answer.source,
  };
}
