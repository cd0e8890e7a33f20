// The flags that the shop reads, each with the value that the code falls back to. Until the stock client is ready they come from the
// payload that the Worker put into the page, so the first paint has them; afterwards from the client.

import { tell } from "./changes.mjs";
import DEFAULTS from "./defaults.json";

/** Reads what stands in the page; without the Worker in front there is nothing, and defaults hold. */
const inPage = {
  name: "page",
  details(key, fallback) {
    const hoist = globalThis.Flaghoist;
    if (!hoist) return { value: fallback, reason: "CODE" };
    hoist.used?.(key);
    return { ...hoist.details?.(key), value: hoist.value(key, fallback) };
  },
};

let source = inPage;
const asked = new Set();

/** Value and reason of a flag; a value of another type than the default's is not one that the page can show. */
function details(key) {
  const fallback = DEFAULTS[key];
  const found = source.details(key, fallback);
  const isUsable = typeof found.value === typeof fallback && found.value !== null;
  return isUsable ? found : { value: fallback, reason: "CODE" };
}

/** The value of a flag that the page shows. */
export function read(key) {
  asked.add(key);
  return details(key).value;
}

/** What the page has asked for so far: `{key, value, reason}` by key. */
export const readSoFar = () => [...asked].sort().map((key) => ({ key, ...details(key) }));

/** Where values come from now: `page`, or `client` once the stock client has taken over. */
export const sourceName = () => source.name;

/** Read from `next` (`{name, details(key, fallback)}`) from now on, and show what it says. */
export function readFrom(next) {
  source = next;
  tell();
}
