// Answers kept for the day without a network, in the browser's local storage: an entry is its time, a space, and the answer.
// Its name is a fingerprint of the id, so that nobody's context lies about.

import { fingerprint } from "./identity.js";

const PREFIX = "flaghoist:kept:";
const MOST_ANSWERS = 8; // so many people, contexts or keys of one browser
const MOST_CHARACTERS = 1_000_000; // a fifth of what browsers give to a site
const LONGEST_MS = 30 * 24 * 3_600_000; // older values are nobody's expectation any more

// Returns the answer that is kept under exactly this id.
export function readKept(id) {
  try {
    const text = globalThis.localStorage.getItem(PREFIX + fingerprint(id));
    const atMs = parseInt(text, 10);
    if (!(Date.now() - atMs < LONGEST_MS)) return undefined;
    const { bulk, etag } = JSON.parse(text.slice(text.indexOf(" ")));
    return Array.isArray(bulk.flags) ? { id, bulk, etag, atMs, source: "kept" } : undefined;
  } catch {
    return undefined; // refused, or not ours
  }
}

// Keeps an answer; the oldest ones make room for it.
export function writeKept({ id, bulk, etag, atMs }) {
  try {
    const name = PREFIX + fingerprint(id);
    const text = `${atMs} ${JSON.stringify({ bulk, etag })}`;
    if (text.length > MOST_CHARACTERS) return;
    makeRoom(name, text.length);
    globalThis.localStorage.setItem(name, text);
  } catch {
    // Refused or full: the next visit asks the network.
  }
}

function makeRoom(name, characters) {
  const storage = globalThis.localStorage;
  const others = Object.keys(storage).filter((other) => other.startsWith(PREFIX) && other !== name);
  const latestFirst = others.map((other) => [other, storage.getItem(other) ?? ""]);
  latestFirst.sort(([, one], [, two]) => parseInt(two, 10) - parseInt(one, 10));
  let room = MOST_CHARACTERS - characters;
  latestFirst.forEach(([other, text], place) => {
    room -= text.length;
    if (room < 0 || place >= MOST_ANSWERS - 1) storage.removeItem(other);
  });
}
