// Answers kept in the browser's local storage, for when the network is away: an entry is its time, a space, and the answer.
// Its name is a fingerprint of the id, so that no context is left readable in the storage.

import type { Answer } from "./answers.js";
import { fingerprint } from "./identity.js";
import { storage } from "./scope.js";

const PREFIX = "flaghoist:kept:";
const MOST_ANSWERS = 8; // so many people, contexts or keys of one browser
const MOST_CHARACTERS = 1_000_000; // a fifth of what browsers give to a site
const LONGEST_MS = 30 * 24 * 3_600_000; // nobody expects older values any more

/** Returns the answer that is kept under exactly this id. */
export function readKept(id: string): Answer | undefined {
  try {
    const text = storage()?.getItem(PREFIX + fingerprint(id)) as string;
    const atMs = parseInt(text, 10);
    if (!(Date.now() - atMs < LONGEST_MS)) return undefined;
    const { bulk, etag } = JSON.parse(text.slice(text.indexOf(" ")));
    return Array.isArray(bulk.flags) ? { id, bulk, etag, atMs, source: "kept" } : undefined;
  } catch {
    return undefined; // refused, or not ours
  }
}

/** Keeps an answer; the oldest ones make room for it. */
export function writeKept({ id, bulk, etag, atMs }: Answer): void {
  try {
    const site = storage() as Storage;
    const name = PREFIX + fingerprint(id);
    const text = `${atMs} ${JSON.stringify({ bulk, etag })}`;
    if (text.length > MOST_CHARACTERS) return;
    makeRoom(site, name, text.length);
    site.setItem(name, text);
  } catch {
    // Refused, full or no page: the next visit asks the network.
  }
}

function makeRoom(site: Storage, name: string, characters: number): void {
  const others = Object.keys(site).filter((other) => other.startsWith(PREFIX) && other !== name);
  const latestFirst = others.map((other): [string, string] => [other, site.getItem(other) ?? ""]);
  latestFirst.sort(([, one], [, two]) => parseInt(two, 10) - parseInt(one, 10));
  let room = MOST_CHARACTERS - characters;
  latestFirst.forEach(([other, text], place) => {
    room -= text.length;
    if (room < 0 || place >= MOST_ANSWERS - 1) site.removeItem(other);
  });
}
