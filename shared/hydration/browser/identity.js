// Names for what an answer depends on, equal whenever that is.

// JSON whose members are sorted, so that equal contexts give equal text in whatever order they were written.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join()}}`;
}

const SEEDS = [0x811c9dc5, 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d];
const MULTIPLIERS = [0x01000193, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35];

// A name of 128 bits for a text, known at once (the browser's own digests are promises). Texts share one by accident in no
// lifetime; it keeps no secret from who can guess the text.
export function fingerprint(text) {
  const lanes = [...SEEDS];
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    for (let lane = 0; lane < lanes.length; lane++) {
      const mixed = Math.imul(lanes[lane] ^ code, MULTIPLIERS[lane]);
      lanes[lane] = mixed ^ (mixed >>> 15);
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
}

// The key that a request carries, wherever Flaghoist takes one.
export function keyOf({ headers }, url) {
  const bearer = /^bearer (.*)$/i.exec(headers.get("Authorization") ?? "");
  return bearer?.[1].trim() ?? headers.get("X-API-Key") ?? url.searchParams.get("key") ?? "";
}

// The context that a signed one stands for: what the server goes by, whatever is sent beside it. Not verified here, where
// nobody but the page itself could be deceived.
export function signedContext(token) {
  try {
    const claims = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(claims, (character) => character.charCodeAt(0)))).context;
  } catch {
    return token; // the server says what is wrong with it
  }
}

// The unit of a context, as Flaghoist takes it: a non-empty string, or an integer in decimal.
export function unitOf(context) {
  const unit = context?.targetingKey;
  return typeof unit === "string" || Number.isInteger(unit) ? String(unit) || undefined : undefined;
}
