// The versions that a stream announced and no answer has shown yet. The stock provider asks for such a version once; if that
// request fails, its next one names no version any more, and the edge may answer from an older snapshot.

import { compareVersions } from "./answers.js";

const PARAMETER = "flagConfigEtag";
const isVersion = (text: string | null): text is string => /^\d+-\d+$/.test(text as string);

export class Fences {
  private _wanted = new Map<string, string>(); // by key: each reads one environment

  /** Takes note of the version that a request asks for; returns the version to ask for, undefined for any. */
  wanted(key: string, url: URL): string | undefined {
    const asked = url.searchParams.get(PARAMETER);
    const before = this._wanted.get(key);
    if (isVersion(asked) && (!before || compareVersions(asked, before) > 0)) this._wanted.set(key, asked);
    return this._wanted.get(key);
  }

  /** Takes note of the version that answered. */
  shown(key: string, version: string | null): void {
    const wanted = this._wanted.get(key);
    if (wanted && isVersion(version) && compareVersions(version, wanted) >= 0) this._wanted.delete(key);
  }
}

/** Returns the same request, but asking for a version; undefined where it does so already. */
export function fenced(request: Request, body: string, version: string): Request | undefined {
  const url = new URL(request.url);
  if (url.searchParams.get(PARAMETER) === version) return undefined;
  url.searchParams.set(PARAMETER, version);
  const { method, headers, signal, mode, credentials, cache, redirect, referrer, referrerPolicy, keepalive } = request;
  return new Request(url, {
    method,
    headers,
    body,
    signal,
    mode,
    credentials,
    cache,
    redirect,
    referrer,
    referrerPolicy,
    keepalive,
  });
}
