// What tests share: a payload, and a network that answers as it is told and notes what it was asked.

import { OpenFeatureAPI } from "@openfeature/web-sdk";
import type { Bulk, Fetch, Payload } from "flaghoist";

export const KEY = "fh_client_production_0123456789abcdef";
export const EDGE = "https://flags.example.com";
export const ADA = { targetingKey: "ada", plan: "pro" };

export const bulk = (release: string, version = "1-1"): Bulk => ({
  flags: [
    { key: "release", value: release, reason: "TARGETING_MATCH", variant: "pro", metadata: { flagVersion: 1 } },
    { key: "new-checkout", value: true, reason: "STATIC", variant: "on" },
    { key: "layout", value: { columns: [1, 2] }, reason: "STATIC", variant: "calm" },
    { key: "broken", errorCode: "PARSE_ERROR", errorDetails: "no value" },
  ],
  metadata: { version, level: 0, age: 2 },
});

export const payload = (release = "of the page"): Payload => ({
  ofrep: bulk(release),
  etag: '"e1"',
  context: ADA,
  key: KEY,
  baseUrl: EDGE,
});

/** A request that was made. */
export interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: unknown;
}

/** Returns a `fetch` that answers with `answer`, and the list of what it was asked. */
export function network(answer: () => Response | Promise<Response>): { fetch: Fetch; asked: Asked[] } {
  const asked: Asked[] = [];
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input as string, init);
    const { url, method, headers } = request;
    asked.push({ url, method, headers, body: JSON.parse((await request.text()) || "null") });
    return answer();
  };
  return { fetch, asked };
}

export const answered = (body: Bulk, status = 200): Response => {
  const headers = { "Content-Type": "application/json", ETag: '"e2"', "Flaghoist-Version": "1-2" };
  return new Response(JSON.stringify(body), { status, headers });
};

/** Returns an OpenFeature API of the test's own; the SDK's constructor is private in its types alone. */
export const anApi = (): OpenFeatureAPI => new (OpenFeatureAPI as unknown as new () => OpenFeatureAPI)();
