// The versions that a stream told of and no answer has shown yet. The stock provider asks for such a version once; should that fail,
// its next question no longer says which version there is, and the edge may answer from what it held before.

import { compareVersions } from "./answers.js";

const PARAMETER = "flagConfigEtag";
const VERSION = /^\d+-\d+$/;

export class Fences {
  constructor() {
    this._wanted = new Map(); // by key: each reads one environment
  }

  // Hears what a question asks for; returns the version to ask for, undefined for any.
  wanted(key, url) {
    const told = url.searchParams.get(PARAMETER);
    const before = this._wanted.get(key);
    if (VERSION.test(told) && (!before || compareVersions(told, before) > 0)) this._wanted.set(key, told);
    return this._wanted.get(key);
  }

  // Hears which version answered.
  shown(key, version) {
    const wanted = this._wanted.get(key);
    if (wanted && VERSION.test(version) && compareVersions(version, wanted) >= 0) this._wanted.delete(key);
  }
}

// Returns the request as it was, but asking for a version; undefined where it does so already.
export function fenced(request, body, version) {
  const url = new URL(request.url);
  if (url.searchParams.get(PARAMETER) === version) return undefined;
  url.searchParams.set(PARAMETER, version);
  const { method, headers, signal, mode, credentials, cache, redirect, referrer, referrerPolicy, keepalive } = request;
  return new Request(url, { method, headers, body, signal, mode, credentials, cache, redirect, referrer, referrerPolicy, keepalive });
}
