// Where the values that are shown stand: what `Flaghoist` says of them, and whether news still come in.
import { tell } from "./changes.mjs";

const FIRST_KEPT_LEVEL = 3;
const LEVELS = ["Live", "Stale", "From an origin", "Last values", "Defaults"];
const LINES = { off: "Offline: last values", broken: "Reconnecting …" };

let line = navigator.onLine ? "open" : "off";

/** Whether the last answer was a fresh one, and nothing has gone wrong since. */
export const isOpen = () => line === "open";

/** Take note of the line: `open`, `broken` or `off`. */
export function lineIs(state) {
  line = state;
  tell();
}

/** Take note of an answer's level. */
export function heard(level) {
  if (level < FIRST_KEPT_LEVEL) line = "open";
  tell();
}

/** What to tell people: a label, whether all is well, level, version, and the age in seconds (each may be unknown). */
export function standing() {
  const { level, version, age } = globalThis.Flaghoist?.standing() ?? {};
  const label = LINES[line] ?? (level === undefined ? "Code defaults" : LEVELS[level]);
  return { label, isWell: isOpen() && level < FIRST_KEPT_LEVEL, level, version, age };
}
