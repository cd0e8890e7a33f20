// connect() where there is no page: in Node, in tests, and while a server renders.

import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { connect } from "flaghoist";
import { describe, expect, test, vi } from "vitest";

import { ADA, anApi, answered, bulk, EDGE, KEY, network, payload } from "./answering.js";

const silent = () => vi.spyOn(console, "warn").mockImplementation(() => {});

describe("without a payload", () => {
  test("nothing is asked, and fallbacks hold, until somebody waits", () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    expect(flags.value("release", "fallback")).toBe("fallback");
    expect(flags.details("release")).toBeUndefined();
    expect(flags.standing()).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test("ready asks the bulk question for the key and context", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network", "1-2")));
    const flags = connect({ baseUrl: `${EDGE}/`, key: KEY, context: ADA, fetch });
    const freshness = await flags.ready();
    expect(freshness).toMatchObject({ version: "1-2", level: 0, source: "network" });
    expect(flags.value("release", "fallback")).toBe("of the network");
    expect(flags.value("release", 1)).toBe(1);
    expect(flags.value("new-checkout")).toBe(true);
    const [{ url, method, headers, body }] = asked as [(typeof asked)[0]];
    expect([url, method, body]).toEqual([`${EDGE}/ofrep/v1/evaluate/flags`, "POST", { context: ADA }]);
    expect(headers.get("X-API-Key")).toBe(KEY);
  });

  test("those who wait at the same time share one request, and later ones make none", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    await Promise.all([flags.ready(), flags.ready()]);
    await flags.ready();
    expect(asked).toHaveLength(1);
  });

  test("a signed context goes along", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    await connect({ baseUrl: EDGE, key: KEY, context: ADA, signedContext: "a.b.c", fetch }).ready();
    expect(asked[0]?.headers.get("Flaghoist-Context")).toBe("a.b.c");
  });

  test.each([
    [401, "give connect() the client key of the environment"],
    [404, "is baseUrl the address"],
    [503, "the fallbacks hold"],
  ])("status %i is said in the console with its remedy, and nothing throws", async (status, remedy) => {
    const warn = silent();
    const { fetch } = network(() => answered(bulk("never"), status));
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    expect(await flags.ready()).toBeUndefined();
    expect(flags.value("release", "fallback")).toBe("fallback");
    expect(warn.mock.calls.join()).toContain(remedy);
  });

  test("a page instead of flags is said in the console", async () => {
    const warn = silent();
    const fetch = async () => new Response("<!doctype html>");
    expect(await connect({ baseUrl: EDGE, key: KEY, fetch }).ready()).toBeUndefined();
    expect(warn.mock.calls.join()).toContain("is baseUrl the address of the Worker or origin?");
  });

  test("a runtime without navigator will do", async () => {
    vi.stubGlobal("navigator", undefined);
    const { fetch } = network(() => answered(bulk("of the network")));
    expect(await connect({ baseUrl: EDGE, key: KEY, fetch }).ready()).toMatchObject({ level: 0 });
  });

  test("after a failure ready asks again", async () => {
    silent();
    const answers = [answered(bulk("never"), 503), answered(bulk("of the network"))];
    const { fetch } = network(() => answers.shift() as Response);
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    expect(await flags.ready()).toBeUndefined();
    expect(await flags.ready()).toMatchObject({ source: "network" });
  });

  test("a network that is away is said in the console", async () => {
    const warn = silent();
    const fetch = async () => Promise.reject(new TypeError("fetch failed"));
    expect(await connect({ baseUrl: EDGE, key: KEY, fetch }).ready()).toBeUndefined();
    expect(warn.mock.calls.join()).toContain("fetch failed");
  });

  test("ready gives up in time", async () => {
    const warn = silent();
    const fetch = (_: unknown, init?: RequestInit) =>
      new Promise<never>((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    expect(await connect({ baseUrl: EDGE, key: KEY, fetch }).ready(20)).toBeUndefined();
    expect(warn.mock.calls.join()).toContain("no answer in 20 ms");
  });

  test("without an address ready says what is missing", async () => {
    const warn = silent();
    const flags = connect();
    expect(flags.value("release", "fallback")).toBe("fallback");
    expect(await flags.ready()).toBeUndefined();
    expect(warn.mock.calls.join()).toContain("give connect({ baseUrl, key, context })");
  });

  test.each(["fh_server_production_0123", "fh_admin_0123", "secret"])("key %s is refused", (key) => {
    expect(() => connect({ baseUrl: EDGE, key })).toThrow("only a client key may stand in a page");
  });

  test("each call on a server is a person of its own", async () => {
    const { fetch } = network(() => answered(bulk("of the network")));
    const [one, other] = [connect({ baseUrl: EDGE, key: KEY, fetch }), connect({ baseUrl: EDGE, key: KEY, fetch })];
    await one.ready();
    expect(other.standing()).toBeUndefined();
    expect((globalThis as { Flaghoist?: unknown }).Flaghoist).toBeUndefined();
  });
});

describe("with a payload, as while a server renders", () => {
  test("values are there at once, and nothing is asked", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ ...payload(), fetch });
    expect(flags.value("release", "fallback")).toBe("of the page");
    expect(flags.value("broken", "fallback")).toBe("fallback");
    expect(await flags.ready()).toMatchObject({ version: "1-1", source: "page" });
    expect(asked).toEqual([]);
  });

  test("a test's own values need neither an address nor a key", async () => {
    const ofrep = { flags: [{ key: "new-checkout", value: true, variant: "on" }] };
    const flags = connect({ ofrep, context: { targetingKey: "ada" } });
    expect(flags.value("new-checkout", false)).toBe(true);
    expect(await flags.ready()).toMatchObject({ source: "page" });
  });

  test("the stock provider starts from it without a request", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ ...payload(), fetch });
    const api = anApi();
    await api.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
    expect(api.getClient().getStringValue("release", "fallback")).toBe("of the page");
    expect(asked).toEqual([]);
    await api.close();
  });

  test("another context goes to the network", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ ...payload(), fetch });
    const api = anApi();
    await api.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), { targetingKey: "bob" });
    expect(api.getClient().getStringValue("release", "fallback")).toBe("of the network");
    expect(asked.map(({ body }) => body)).toEqual([{ context: { targetingKey: "bob" } }]);
    await api.close();
  });
});

describe("reports", () => {
  const EVENTS = `${EDGE}/v1/events?key=${KEY}`;

  test("what was used is sent once, and what happened as often as it does", async () => {
    const { fetch, asked } = network(() => new Response("{}", { status: 202 }));
    const flags = connect({ ...payload(), fetch });
    flags.used("release");
    flags.used("release");
    flags.track("purchase", { value: 3, currency: "EUR" });
    await flags.flush();
    expect(asked.map(({ url }) => url)).toEqual([EVENTS]);
    expect(asked[0]?.body).toMatchObject({
      events: [
        { type: "exposure", flag: "release", variant: "pro", version: "1-1", unit: "ada", source: "web" },
        { type: "track", name: "purchase", value: 3, attributes: { currency: "EUR" } },
      ],
    });
  });

  test("the hook reports what OpenFeature evaluates", async () => {
    const { fetch, asked } = network(() => new Response("{}", { status: 202 }));
    const flags = connect({ ...payload(), fetch });
    const api = anApi();
    api.addHooks(flags.hook);
    await api.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
    api.getClient().getBooleanValue("new-checkout", false);
    await flags.flush();
    expect(asked[0]?.body).toMatchObject({ events: [{ flag: "new-checkout", variant: "on", unit: "ada" }] });
    await api.close();
  });

  test("a server that is away gets them later", async () => {
    const answers = [503, 202];
    const { fetch, asked } = network(() => new Response("{}", { status: answers.shift() as number }));
    const flags = connect({ ...payload(), fetch });
    flags.used("release");
    await flags.flush();
    await flags.flush();
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body).toEqual(asked[0]?.body);
  });
});
