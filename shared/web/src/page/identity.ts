// Names for what an answer depends on: equal exactly when that is equal.

type JsonObject = { [name: string]: unknown };

/** Returns JSON with sorted members, so that equal contexts give equal text in whatever order they were written. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const nameAndValue = (name: string): string => `${JSON.stringify(name)}:${canonical((value as JsonObject)[name])}`;
  return `{${Object.keys(value).sort().map(nameAndValue).join()}}`;
}

const SEEDS = [0x811c9dc5, 0x9e3779b1, 0x85ebca77, 0xc2b2ae3d];
const MULTIPLIERS = [0x01000193, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35];

/**
 * Returns a name of 128 bits for a text, at once (the browser's own digests are promises). Two texts share one by accident
 * only with negligible probability. It hides no text from someone who can guess it.
 */
export function fingerprint(text: string): string {
  const lanes = [...SEEDS];
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    for (let lane = 0; lane < lanes.length; lane++) {
      const mixed = Math.imul((lanes[lane] as number) ^ code, MULTIPLIERS[lane] as number);
      lanes[lane] = mixed ^ (mixed >>> 15);
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Returns the key that a request carries, wherever Flaghoist takes one. */
export function keyOf({ headers }: Request, url: URL): string {
  const bearer = /^bearer (.*)$/i.exec(headers.get("Authorization") ?? "");
  return bearer?.[1]?.trim() ?? headers.get("X-API-Key") ?? url.searchParams.get("key") ?? "";
}

/**
 * Returns the context inside a signed one: the server goes by it, whatever is sent beside it. It is not verified here,
 * where a forger could deceive nobody but the own page.
 */
export function signedContext(token: string): unknown {
  try {
    const claims = atob((token.split(".")[1] as string).replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(claims, (character) => character.charCodeAt(0))))
      .context;
  } catch {
    return token; // the server says what is wrong with it
  }
}

/** Returns the unit of a context, as Flaghoist takes it: a non-empty string, or an integer in decimal. */
export function unitOf(context: { targetingKey?: unknown } | undefined): string | undefined {
  const unit = context?.targetingKey;
  return typeof unit === "string" || Number.isInteger(unit) ? String(unit) || undefined : undefined;
}
