// The public types of the package: what a page carries, and what it offers to its own code.

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Whom flags are evaluated for: `targetingKey` names the person, the other members are attributes. */
export type Context = { targetingKey?: string } & { [attribute: string]: JsonValue };

/** One flag in an OFREP answer: either a value, or an error code. */
export interface FlagItem {
  key: string;
  value?: JsonValue;
  reason?: string;
  variant?: string;
  metadata?: { [name: string]: string | number | boolean };
  errorCode?: string;
  errorDetails?: string;
}

/** The body of an OFREP bulk answer. */
export interface Bulk {
  flags: FlagItem[];
  metadata?: { version?: string; level?: number; age?: number; environment?: string };
  eventStreams?: { type: string; url: string }[];
}

/** What a page carries for one person; `ofrep` is null where nothing could be evaluated. */
export interface Payload {
  ofrep: Bulk | null;
  etag: string;
  context: Context;
  key: string;
  signedContext?: string | undefined;
  baseUrl?: string | undefined;
}

/**
 * How fresh the values are: the snapshot's version ("epoch-version"), the level (0 live to 3 last known good), the age in
 * seconds since an origin confirmed the snapshot, and where the answer came from.
 */
export interface Freshness {
  version: string;
  level: number;
  age: number;
  source: "page" | "kept" | "network";
}

/** The type of the global `fetch`, whichever library declares it. */
export type Fetch = typeof globalThis extends { fetch: infer F }
  ? F
  : (input: unknown, init?: unknown) => Promise<unknown>;

/** What an event says: a number, and flat attributes. */
export interface EventDetails {
  value?: number;
  [attribute: string]: string | number | boolean | undefined;
}

/** An OpenFeature hook, as far as Flaghoist implements it. */
export interface ExposureHook {
  after(
    hookContext: { readonly context: object },
    details: { readonly flagKey: string; readonly variant?: string; readonly errorCode?: string },
  ): void;
}

/** Options for `new OFREPWebProvider(…)`. */
export interface ProviderOptions {
  baseUrl: string;
  fetchImplementation: Fetch;
  headers: [string, string][];
  cacheMode: "disabled";
}

/** Reads of flags of which nothing is known: the fallback says which type is wanted. */
export interface Reads {
  /** Returns a flag's value now; the fallback where there is none of the fallback's type. */
  value(flagKey: string, fallback: boolean): boolean;
  value(flagKey: string, fallback: number): number;
  value(flagKey: string, fallback: string): string;
  value<T extends object>(flagKey: string, fallback: T): T;
  value(flagKey: string): JsonValue | undefined;
  /** Returns a flag's OFREP item. */
  details(flagKey: string): FlagItem | undefined;
  /** Reports that the page shows what this flag says. */
  used(flagKey: string): void;
}

/** Reads of flags whose types are known: `Values` maps each key to the type of its value. */
export interface TypedReads<Values> {
  value<K extends keyof Values>(flagKey: K, fallback: Values[K]): Values[K];
  value<K extends keyof Values>(flagKey: K): Values[K] | undefined;
  details(flagKey: keyof Values): FlagItem | undefined;
  used(flagKey: keyof Values): void;
}

/** What does not depend on which flags there are. */
export interface FlaghoistBase {
  /** What the page carried; undefined where it carried nothing. */
  readonly payload: Payload | undefined;
  readonly context: Context;
  readonly key: string;
  readonly baseUrl: string;
  /** Answers the OpenFeature provider's requests: the first from the page, the others from the network. */
  readonly fetch: Fetch;
  readonly providerOptions: ProviderOptions;
  /** Reports each evaluation of an OpenFeature client as an exposure. */
  readonly hook: ExposureHook;
  /** Returns how fresh the values are; undefined where there are none. */
  standing(): Freshness | undefined;
  /** Reports that something happened. */
  track(name: string, details?: EventDetails): void;
  /** Sends waiting reports; resolves when they are acknowledged, or have to wait. */
  flush(): Promise<void>;
}

/**
 * Flags of one person in one page; in a page that carries flags this is `globalThis.Flaghoist`. `Values` maps each flag's key
 * to the type of its value: `flaghoist types` writes it.
 */
export type Flaghoist<Values = unknown> = FlaghoistBase & (unknown extends Values ? Reads : TypedReads<Values>);
