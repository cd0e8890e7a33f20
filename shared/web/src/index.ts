// The package's entry for browsers, bundlers, tests and server rendering.

export { type Connected, type ConnectOptions, connect } from "./connect.js";
export { type InMemoryFlag, inMemoryFlags } from "./in_memory.js";
export type {
  Bulk,
  Context,
  EventDetails,
  ExposureHook,
  Fetch,
  Flaghoist,
  FlaghoistBase,
  FlagItem,
  Freshness,
  JsonValue,
  Payload,
  ProviderOptions,
  Reads,
  TypedReads,
} from "./types.js";
