// An answer is {id, bulk, etag, atMs, source}: an OFREP bulk body for one service, key and context (its id), and when it came.
// Its source is "page", "network" or "kept".

const LAST_KNOWN_GOOD = 3;

// `format=js` holds the flags once, in our own form; OFREP's items say the same in other words.
const asItem = ([key, { value, reason, variation, version, errorCode, errorDetails }]) =>
  errorCode
    ? { key, errorCode, errorDetails }
    : { key, value, reason, variant: variation, metadata: { flagVersion: version } };

// Returns the answer that stands in the page, undefined when nothing could be evaluated for it.
export function inlinedAnswer({ ofrep, flags, etag }, id) {
  if (!ofrep) return undefined;
  const items = ofrep.flags ?? Object.entries(flags ?? {}).map(asItem);
  return { id, bulk: { ...ofrep, flags: items }, etag: etag ?? "", atMs: Date.now(), source: "page" };
}

// The version of the snapshot that answered, "epoch-version".
export const versionOf = ({ bulk }) => String(bulk.metadata?.version ?? "0-0");

// Returns more than 0 when `one` is newer than `other`.
export function compareVersions(one, other) {
  const [epoch = 0, version = 0] = one.split("-").map(Number);
  const [otherEpoch = 0, otherVersion = 0] = other.split("-").map(Number);
  return epoch - otherEpoch || version - otherVersion;
}

// The same of the snapshots that two answers come from.
export const compare = (one, other) => compareVersions(versionOf(one), versionOf(other));

export const isOffline = () => globalThis.navigator.onLine === false;

// Equal versions give equal values. Online the page's is the fresher one; offline the page itself comes from a cache,
// and only what was kept knows its own age.
export function newest(inlined, kept) {
  if (!inlined || !kept) return inlined ?? kept;
  const ahead = compare(kept, inlined);
  return ahead > 0 || (ahead === 0 && isOffline()) ? kept : inlined;
}

// Where an answer stands now; `age` in seconds since an origin confirmed its snapshot. Of a server that is away, nothing is fresh.
export function standingOf(answer, isAway = false) {
  const { level = 0, age = 0 } = answer.bulk.metadata ?? {};
  return {
    version: versionOf(answer),
    level: answer.source === "kept" || isAway || isOffline() ? LAST_KNOWN_GOOD : level,
    age: age + Math.max(0, Math.round((Date.now() - answer.atMs) / 1000)),
    source: answer.source,
  };
}
