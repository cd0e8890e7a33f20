// connect() inside a page, of which only what the package touches is there.

import { connect } from "flaghoist";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ADA, answered, bulk, EDGE, KEY, network, payload } from "./answering.js";

type Page = { Flaghoist?: unknown; __FLAGHOIST__?: unknown };
const page = globalThis as Page;
const PAGE_URL = "https://shop.example.com/basket";

class FakeStorage {
  getItem(name: string): string | null {
    return (this as unknown as Record<string, string>)[name] ?? null;
  }
  setItem(name: string, text: string): void {
    (this as unknown as Record<string, string>)[name] = text;
  }
  removeItem(name: string): void {
    delete (this as unknown as Record<string, string>)[name];
  }
}

beforeEach(() => {
  vi.stubGlobal("document", { baseURI: PAGE_URL, visibilityState: "visible", addEventListener: () => {} });
  vi.stubGlobal("location", new URL(PAGE_URL));
  vi.stubGlobal("localStorage", new FakeStorage());
  vi.stubGlobal("addEventListener", () => {});
});

afterEach(() => {
  delete page.Flaghoist;
  delete page.__FLAGHOIST__;
});

describe("a page that carries flags", () => {
  test("its flags count, and the options do not", async () => {
    page.__FLAGHOIST__ = payload();
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    const flags = connect({ baseUrl: "https://elsewhere.example", key: "fh_client_other", context: {}, fetch });
    expect(flags.value("release", "fallback")).toBe("of the page");
    expect([flags.context, flags.key, flags.baseUrl]).toEqual([ADA, KEY, EDGE]);
    expect(await flags.ready()).toMatchObject({ source: "page" });
    expect(asked).toEqual([]);
  });

  test("all parts of the page share one object, that of the page's script", () => {
    page.__FLAGHOIST__ = payload();
    const one = connect();
    const other = connect();
    expect(other.fetch).toBe(one.fetch);
    expect(other.fetch).toBe((page.Flaghoist as typeof one).fetch);
  });

  test("the object that the page's own script made is taken, whatever its age", () => {
    page.__FLAGHOIST__ = payload();
    const made = { ...connect(), value: () => "of an earlier release" };
    page.Flaghoist = made;
    expect(connect().value("release", "fallback")).toBe("of an earlier release");
  });

  test("a payload without flags is asked for where it says", async () => {
    page.__FLAGHOIST__ = { ...payload(), ofrep: null };
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    vi.stubGlobal("fetch", fetch);
    const flags = connect();
    await flags.ready();
    expect(asked.map(({ url }) => url)).toEqual([`${EDGE}/ofrep/v1/evaluate/flags`]);
    expect(flags.value("release", "fallback")).toBe("of the network");
  });
});

describe("a page that carries none", () => {
  test("asks the page's own origin if no other is named", async () => {
    const { fetch, asked } = network(() => answered(bulk("of the network")));
    await connect({ key: KEY, context: ADA, fetch }).ready();
    expect(asked.map(({ url }) => url)).toEqual(["https://shop.example.com/ofrep/v1/evaluate/flags"]);
  });

  test("has one object for the same options, and another for others", () => {
    const options = { baseUrl: EDGE, key: KEY, context: { ...ADA } };
    const one = connect(options);
    expect(connect({ ...options, context: { plan: "pro", targetingKey: "ada" } }).fetch).toBe(one.fetch);
    expect(connect({ ...options, context: { targetingKey: "bob" } }).fetch).not.toBe(one.fetch);
  });

  test("shows the last known values while the network is away, and says so", async () => {
    const { fetch } = network(() => answered(bulk("of the network")));
    await connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch }).ready();
    delete page.Flaghoist;
    const away = async () => Promise.reject(new TypeError("fetch failed"));
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch: away });
    expect(flags.value("release", "fallback")).toBe("of the network");
    expect(await flags.ready()).toMatchObject({ source: "kept", level: 3 });
    expect(flags.value("release", "fallback")).toBe("of the network");
  });

  test("does without a storage that is refused", async () => {
    const refused = () => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.defineProperty(globalThis, "localStorage", { get: refused, configurable: true });
    const { fetch } = network(() => answered(bulk("of the network")));
    const flags = connect({ baseUrl: EDGE, key: KEY, context: ADA, fetch });
    await flags.ready();
    expect(flags.value("release", "fallback")).toBe("of the network");
  });
});
