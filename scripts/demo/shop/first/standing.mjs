// Where the values that are shown stand: level, version and age of the last answer, and whether news still come in.
import { tell } from "./changes.mjs";

const STORED = "harbour.confirmed";
const FIRST_KEPT_LEVEL = 3;
const LEVELS = ["Live", "Stale", "From an origin", "Last values", "Defaults"];
const LINES = { off: "Offline: last values", broken: "Reconnecting …" };

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {};
  } catch {
    return {};
  }
}

function remember(version, atMs) {
  try {
    localStorage.setItem(STORED, JSON.stringify({ version, atMs }));
  } catch {
    // Ages of kept answers are then counted from the load of the page.
  }
}

const isKept = (level) => level >= FIRST_KEPT_LEVEL || !navigator.onLine;

/** When an origin confirmed an answer. A kept one repeats its age of then, so the moment that was noted then counts. */
function confirmedAt({ level, version, age = 0 }) {
  const known = stored();
  return isKept(level) && known.version === version ? known.atMs : Date.now() - age * 1000;
}

const told = (metadata) => ({ level: metadata.level, version: metadata.version, atMs: confirmedAt(metadata) });

function inPage() {
  const metadata = globalThis.__FLAGHOIST__?.ofrep?.metadata;
  return metadata ? told(metadata) : {};
}

let answer = inPage();
let line = navigator.onLine ? "open" : "off";

/** Whether the last answer came over the network, and nothing has gone wrong since. */
export const isOpen = () => line === "open";

/** Take note of an answer's `{level, version, age}`: a fresh one means that the line is open. */
export function heard(metadata) {
  answer = told(metadata);
  if (!isKept(answer.level)) {
    remember(answer.version, answer.atMs);
    line = "open";
  }
  tell();
}

/** Take note of the line: `broken` or `off`. */
export function lineIs(state) {
  line = state;
  tell();
}

/** What to tell people: a label, whether all is well, version, level, and the age in seconds (each may be unknown). */
export function standing() {
  const { level, version, atMs } = answer;
  const label = LINES[line] ?? (level === undefined ? "Code defaults" : LEVELS[level]);
  const ageSeconds = atMs === undefined ? undefined : Math.max(0, Math.round((Date.now() - atMs) / 1000));
  return { label, isWell: isOpen() && level < FIRST_KEPT_LEVEL, version, level, ageSeconds };
}
