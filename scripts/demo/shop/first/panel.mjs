// The small panel that says where the values on the page come from, and which they are.
import { tell } from "./changes.mjs";
import { define } from "./elements.mjs";
import { readSoFar, sourceName } from "./flags.mjs";
import { html, trusted } from "./markup.mjs";
import { standing } from "./standing.mjs";

const TICK_MS = 1_000;
const LONGEST_VALUE = 34;
const NEWS_MS = 6_000;
const SOURCES = { page: "the payload in this page", client: "the stock OpenFeature client" };

/** Signal flags C (“yes”) and N (“no”), as ships hoist them. */
const SIGNALS = {
  C: `<path fill="#fff" d="M0 0h20v20H0z"/><path fill="#1d4f91" d="M0 0h20v4H0zM0 16h20v4H0z"/><path fill="#c8322b" d="M0 8h20v4H0z"/>`,
  N: `<path fill="#fff" d="M0 0h20v20H0z"/><path fill="#1d4f91" d="M0 0h5v5H0zM10 0h5v5h-5zM5 5h5v5H5zM15 5h5v5h-5zM0 10h5v5H0zM10 10h5v5h-5zM5 15h5v5H5zM15 15h5v5h-5z"/>`,
};

const signal = (letter) =>
  trusted(`<svg class="signal" viewBox="0 0 20 20" aria-hidden="true">${SIGNALS[letter]}</svg>`);

const seen = new Map();

/** Whether a value changed a moment ago; the first one that is seen is no change. */
function isNews(key, text) {
  const before = seen.get(key);
  if (before?.text !== text) seen.set(key, { text, atMs: before ? performance.now() : -Infinity });
  return performance.now() - seen.get(key).atMs < NEWS_MS;
}

function row({ key, value, reason }) {
  const text = JSON.stringify(value);
  const shown = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return html`<tr class="${isNews(key, text) ? "news" : ""}"><th scope="row">${key}</th><td title="${text}">${shown}</td><td>${reason}</td></tr>`;
}

function account() {
  const { version, level } = standing();
  return html`
    <dl class="facts">
      <div><dt>Level</dt><dd>${level ?? "none"}</dd></div><div><dt>Version</dt><dd>${version ?? "none"}</dd></div>
      <div><dt>Confirmed</dt><dd><shop-age></shop-age></dd></div>
    </dl>
    <p class="from">Read from ${SOURCES[sourceName()]}.</p>
    <div class="flags" tabindex="0" role="region" aria-label="Flags on this page"><table>
      <thead><tr><th scope="col">Flag</th><th scope="col">Value</th><th scope="col">Reason</th></tr></thead><tbody>${readSoFar().map(row)}</tbody>
    </table></div>`;
}

function age() {
  const { age: seconds } = standing();
  if (seconds === undefined) return "never";
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

function summary() {
  const { label, isWell, version } = standing();
  return html`${signal(isWell ? "C" : "N")}<span class="label">${label}</span><span class="version">${version ?? ""}</span>`;
}

define("shop-age", () => html`${age()}`);
define("shop-standing", summary);
define("shop-account", account);

setInterval(() => document.querySelector("#standing[open]") && tell(), TICK_MS);
