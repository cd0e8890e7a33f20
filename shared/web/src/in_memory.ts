// Evaluated flags for OpenFeature's in-memory provider, which is ready at once: for servers that render, and for tests.

import type { JsonValue, Payload } from "./types.js";

/** One flag that has one variant: what was evaluated. */
export interface InMemoryFlag {
  // biome-ignore lint/suspicious/noExplicitAny: OpenFeature wants maps of one type each, which no type here can promise
  variants: { [variant: string]: any };
  defaultVariant: string;
  disabled: false;
}

/** Returns the configuration for `new InMemoryProvider(…)`; flags that could not be evaluated are left out. */
export function inMemoryFlags({ ofrep }: Pick<Payload, "ofrep">): { [key: string]: InMemoryFlag } {
  const evaluated = (ofrep?.flags ?? []).filter(({ value, errorCode }) => value !== undefined && !errorCode);
  return Object.fromEntries(
    evaluated.map(({ key, value, variant = "value" }) => [key, flag(value as JsonValue, variant)]),
  );
}

const flag = (value: JsonValue, variant: string): InMemoryFlag => ({
  variants: Object.fromEntries([[variant, value]]),
  defaultVariant: variant,
  disabled: false,
});
