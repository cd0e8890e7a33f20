// Names for what an answer depends on, equal whenever that is.

// JSON whose members are sorted, so that equal contexts give equal text in whatever order they were written.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!value || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join()}}`;
}

// A short name for a text (FNV-1a). Texts may share one: whoever stores under it checks what is found.
export function shortened(text) {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return (hash >>> 0).toString(36);
}

// The key that a request carries, wherever Flaghoist takes one.
export function keyOf({ headers }, url) {
  const bearer = /^bearer (.*)$/i.exec(headers.get("Authorization") ?? "");
  return bearer?.[1].trim() ?? headers.get("X-API-Key") ?? url.searchParams.get("key") ?? "";
}

// The unit of a context, as Flaghoist takes it: a non-empty string, or an integer in decimal.
export function unitOf(context) {
  const unit = context?.targetingKey;
  return typeof unit === "string" || Number.isInteger(unit) ? String(unit) || undefined : undefined;
}
