// What a server needs: the payload of one person, and the head of the page that carries it.

import { runInNewContext } from "node:vm";

import { InMemoryProvider } from "@openfeature/web-sdk";
import { assignment, fetchPayload, headHtml, inMemoryFlags, SCRIPT } from "flaghoist/server";
import { describe, expect, test, vi } from "vitest";

import { ADA, anApi, answered, bulk, EDGE, KEY, network, payload } from "./answering.js";

const HOSTILE =
  "</script><script>alert(1)</script><!-- ]]> & ' \" ` \\ \\u003c $ {1} \u2028\u2029 \r\n\t\u0000 \u{1f6a9}";

function ran(statement: string): unknown {
  const page: { __FLAGHOIST__?: unknown } = {};
  runInNewContext(statement, page);
  return JSON.parse(JSON.stringify(page.__FLAGHOIST__));
}

describe("fetchPayload", () => {
  test("asks for one person and returns what the page carries", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const made = await fetchPayload({ baseUrl: `${EDGE}/`, key: KEY, context: ADA, signedContext: "a.b.c", fetch });
    expect(made).toEqual({
      ofrep: bulk("of the network"),
      etag: '"e2"',
      context: ADA,
      key: KEY,
      signedContext: "a.b.c",
      baseUrl: `${EDGE}/`,
    });
    const [{ url, headers, body }] = asked as [(typeof asked)[0]];
    expect([url, body]).toEqual([`${EDGE}/ofrep/v1/evaluate/flags`, { context: ADA }]);
    expect([headers.get("X-API-Key"), headers.get("Flaghoist-Context")]).toEqual([KEY, "a.b.c"]);
  });

  test.each([
    ["a refusal", async () => answered(bulk("never"), 401), "it answered 401"],
    ["an answer of something else", async () => new Response('{"hello": 1}'), "no OFREP bulk answer"],
    ["an answer that is no JSON", async () => new Response("<html>"), "JSON"],
    ["no answer", async () => Promise.reject(new TypeError("fetch failed")), "fetch failed"],
  ])("%s leaves the page without flags and says why", async (_, fetch, said) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const made = await fetchPayload({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    expect(made).toEqual({ ofrep: null, etag: "", context: ADA, key: KEY, baseUrl: EDGE });
    expect(warn.mock.calls.join()).toContain(said);
  });

  test("a server that says nothing is not waited for", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const fetch = (_: unknown, init?: RequestInit) =>
      new Promise<never>((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const made = await fetchPayload({ baseUrl: EDGE, key: KEY, fetch, timeoutMs: 20 });
    expect(made.ofrep).toBeNull();
  });

  test("a server key is refused before it is used", async () => {
    const { fetch, asked } = network(() => answered(bulk("never")));
    await expect(fetchPayload({ baseUrl: EDGE, key: "fh_server_x", fetch })).rejects.toThrow("only a client key");
    expect(asked).toEqual([]);
  });
});

describe("headHtml", () => {
  test("is the payload and the page script in one element", () => {
    const head = headHtml(payload(), { nonce: "r4nd0m" });
    expect(head.startsWith(`<script nonce="r4nd0m">globalThis.__FLAGHOIST__=JSON.parse('{"ofrep":{"flags":[`)).toBe(
      true,
    );
    expect(head.endsWith(`${SCRIPT}</script>`)).toBe(true);
    expect(headHtml(payload()).startsWith("<script>")).toBe(true);
  });

  test("hostile strings anywhere are inert and come back", () => {
    const ofrep = { flags: [{ key: HOSTILE, value: { [HOSTILE]: [HOSTILE] }, variant: HOSTILE }] };
    const hostile = { ofrep, etag: HOSTILE, context: { targetingKey: HOSTILE }, key: `fh_client_${HOSTILE}` };
    const whole = { ...hostile, signedContext: HOSTILE, baseUrl: HOSTILE };
    expect(assignment(whole)).not.toMatch(/[<>&\u2028\u2029\r\n]/);
    expect(ran(assignment(whole))).toEqual(whole);
  });

  test("a member named __proto__ is a member", () => {
    const ofrep = JSON.parse('{"flags":[{"key":"__proto__","value":{"__proto__":{"polluted":true}}}]}');
    const page: { __FLAGHOIST__?: { ofrep: unknown } } = {};
    runInNewContext(assignment({ ...payload(), ofrep }), page);
    expect(JSON.stringify(page.__FLAGHOIST__?.ofrep)).toBe(JSON.stringify(ofrep));
  });

  test.each(['"><img src=x onerror=alert(1)>', "'a' b=c", "a&quot;b"])("nonce %s stays in its attribute", (nonce) => {
    const [start] = headHtml(payload(), { nonce }).split("globalThis") as [string];
    expect(start).toMatch(/^<script nonce="[^"<>']*">$/);
  });

  test.each(["fh_server_x", "fh_admin_x", "nonsense"])("key %s is refused", (key) => {
    expect(() => headHtml({ ...payload(), key })).toThrow("only a client key may stand in a page");
  });

  test("the element, run in an empty page, gives the flags without a request", () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const listen = () => {};
    const document = { baseURI: EDGE, addEventListener: listen, visibilityState: "visible" };
    const page = { document, location: new URL(EDGE), navigator: {}, addEventListener: listen, fetch, URL, setTimeout };
    const [, script] = /^<script>(.*)<\/script>$/s.exec(headHtml(payload())) as unknown as [string, string];
    expect(runInNewContext(`${script}; Flaghoist.value("release", "fallback")`, page)).toBe("of the page");
    expect(asked).toEqual([]);
  });
});

describe("inMemoryFlags", () => {
  test("gives OpenFeature's in-memory provider what was evaluated", async () => {
    const api = anApi();
    await api.setProviderAndWait(new InMemoryProvider(inMemoryFlags(payload())));
    const client = api.getClient();
    expect(client.getStringDetails("release", "fallback")).toMatchObject({ value: "of the page", variant: "pro" });
    expect(client.getObjectValue("layout", {})).toEqual({ columns: [1, 2] });
    expect(client.getStringValue("broken", "fallback")).toBe("fallback");
  });

  test("gives no flags where nothing could be evaluated", () => {
    expect(inMemoryFlags({ ofrep: null })).toEqual({});
  });
});
