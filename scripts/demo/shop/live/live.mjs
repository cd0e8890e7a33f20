// After the first paint: the stock OpenFeature client and its unmodified OFREP provider take over. They start from what the page holds,
// follow the stream that the answers name, and every change goes through the functions that painted the page.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

import { listening } from "./listening.mjs";
import { reconnecting } from "./reconnecting.mjs";

const { readFrom, tell } = globalThis.Shop;
const hoist = globalThis.Flaghoist;

const ASK = {
  boolean: "getBooleanDetails",
  number: "getNumberDetails",
  object: "getObjectDetails",
  string: "getStringDetails",
};

/** @returns {Promise<void>} */
const painted = () =>
  new Promise((done) => {
    if (document.visibilityState === "hidden") done();
    else requestAnimationFrame(() => setTimeout(done));
  });

/** The provider as everybody uses it, but for an ear on its fetch. */
const provider = () => new OFREPWebProvider({ ...hoist.providerOptions, fetchImplementation: listening(hoist.fetch) });

async function takeOver() {
  if (hoist.hook) OpenFeature.addHooks(hoist.hook);
  const client = OpenFeature.getClient();
  const inDoubt = reconnecting(() => OpenFeature.setContext(hoist.context));
  const ready = () =>
    readFrom({ name: "client", details: (key, fallback) => client[ASK[typeof fallback]](key, fallback) });
  await OpenFeature.setProviderAndWait(provider(), hoist.context).catch(inDoubt);
  // Not before there is a provider: without one the client is ready, too, and answers with defaults.
  client.addHandler(ProviderEvents.Ready, ready);
  client.addHandler(ProviderEvents.ContextChanged, ready);
  client.addHandler(ProviderEvents.ConfigurationChanged, tell);
  client.addHandler(ProviderEvents.Stale, inDoubt);
  client.addHandler(ProviderEvents.Error, inDoubt);
  addEventListener("offline", inDoubt);
  if (!navigator.onLine) inDoubt();
}

await painted();
if (hoist) takeOver();
await navigator.serviceWorker?.register("/sw.js");
