"""TypeScript declarations of a page's globals: ``globalThis.Flaghoist`` and the payload that it starts from.

The text is self-contained. It compiles with and without the npm package ``flaghoist``, which declares no global and
whose ``connect()`` returns the same type; several generated modules in one program declare the same.
"""

PAGE_GLOBAL = """\

type AnyFetch = (input: unknown, init?: unknown) => Promise<unknown>;
type PageFetch = typeof globalThis extends { fetch: infer F } ? F : AnyFetch;

declare global {
  /** What an OFREP bulk answer says of one flag: a value, or an error code. */
  interface FlaghoistItem {
    key: string;
    value?: JsonValue;
    reason?: string;
    variant?: string;
    metadata?: { [name: string]: string | number | boolean };
    errorCode?: string;
    errorDetails?: string;
  }

  /** What a page carries for one person; `ofrep` is null where nothing could be evaluated. */
  interface FlaghoistPayload {
    ofrep: { flags: FlaghoistItem[] } | null;
    etag: string;
    context: EvaluationContext;
    key: string;
    signedContext?: string | undefined;
    baseUrl?: string | undefined;
  }

  /** The flags of the page's visitor. */
  interface FlaghoistPage {
    readonly payload: FlaghoistPayload | undefined;
    readonly context: EvaluationContext;
    readonly key: string;
    readonly baseUrl: string;
    /** Answers an OpenFeature provider's requests: the first from the page, the others from the network. */
    readonly fetch: PageFetch;
    /** Options for `new OFREPWebProvider(…)`. */
    readonly providerOptions: {
      baseUrl: string;
      fetchImplementation: PageFetch;
      headers: [string, string][];
      cacheMode: "disabled";
    };
    /** Reports each evaluation of an OpenFeature client as an exposure. */
    readonly hook: Hook;
    /** Returns a flag's value now; the fallback where there is none of the fallback's type. */
    value(flagKey: string, fallback: boolean): boolean;
    value(flagKey: string, fallback: number): number;
    value(flagKey: string, fallback: string): string;
    value<T extends object>(flagKey: string, fallback: T): T;
    value(flagKey: string): JsonValue | undefined;
    /** Returns a flag's OFREP item. */
    details(flagKey: string): FlaghoistItem | undefined;
    /** Returns how fresh the values are: `level` 0 is live, 3 last known good; `age` in seconds. */
    standing(): { version: string; level: number; age: number; source: "page" | "kept" | "network" } | undefined;
    /** Reports that the page shows what this flag says. */
    used(flagKey: string): void;
    /** Reports that something happened, with a number and flat attributes. */
    track(name: string, details?: { value?: number; [attribute: string]: string | number | boolean | undefined }): void;
    /** Sends waiting reports; resolves when they are acknowledged, or have to wait. */
    flush(): Promise<void>;
  }

  /** Set by the Worker in front of a site, by `head_html` or by `/v1/bootstrap.js`; undefined in any other page. */
  var Flaghoist: FlaghoistPage | undefined;
  /** What the page carries: `Flaghoist` starts from it. */
  var __FLAGHOIST__: FlaghoistPayload | undefined;
}

/** How flags are read from a page: only with known keys, and fallbacks that the flag could have. */
export interface PageReads {
  value<K extends FlagKey>(flagKey: K, fallback: FlagValues[K]): FlagValues[K];
  value<K extends FlagKey>(flagKey: K): FlagValues[K] | undefined;
  details(flagKey: FlagKey): FlaghoistItem | undefined;
  used(flagKey: FlagKey): void;
}

/** The flags of the page's visitor, read as `PageReads` allows. */
export type PageFlags = Omit<FlaghoistPage, keyof PageReads> & PageReads;

/** Return `page` itself, narrowed; what it does stays the same. */
export function typedPage(page: FlaghoistPage): PageFlags {
  return page;
}
"""
