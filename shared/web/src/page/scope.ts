// The global scope: a page's window, or that of a server or a test, which lacks most of it.

type PageParts = "document" | "navigator" | "location" | "localStorage" | "addEventListener";
interface Own {
  Flaghoist?: Flaghoist;
  __FLAGHOIST__?: InlinedPayload;
}

import type { Flaghoist } from "../types.js";
import type { InlinedPayload } from "./answers.js";

export const scope = globalThis as unknown as Omit<typeof globalThis, PageParts> &
  Partial<Pick<typeof globalThis, PageParts>> &
  Own;

export const isOffline = (): boolean => scope.navigator?.onLine === false;

/** Returns the storage of this site; may throw where the browser refuses it. Only pages have one. */
export const storage = (): Storage | undefined => scope.document && scope.localStorage;

/** Runs something later; it keeps no server or test from ending. */
export function later(run: () => void, ms: number): Timer {
  const timer: Timer = scope.setTimeout(run, ms);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

export type Timer = ReturnType<typeof setTimeout> | number;
