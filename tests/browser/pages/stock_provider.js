// The published OpenFeature web SDK and OFREP provider, unmodified, for a test to use inside a page.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const told = [];
for (const event of Object.values(ProviderEvents)) OpenFeature.addHandler(event, () => told.push(event));

// Starts a provider with the page's context and options, over which those of the test go; resolves to what it shows.
async function start(options = {}, context = globalThis.Flaghoist.context) {
  const provider = new OFREPWebProvider({ ...globalThis.Flaghoist.providerOptions, ...options });
  await OpenFeature.setProviderAndWait(provider, context);
  return shown();
}

const shown = () => OpenFeature.getClient().getStringDetails("release", "fallback");

Object.assign(globalThis, { OpenFeature, OFREPWebProvider, start, shown, told });
