// Renders the application on a server from a bulk answer, with the stock provider: docs/recipes/react.md.
//
// In:  {"bulk", "context"}   Out: the HTML of the application
import { text } from "node:stream/consumers";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeatureAPI } from "@openfeature/web-sdk";
import { renderToString } from "react-dom/server";

import { App } from "./react_shop.jsx";

// One API object per request: the one that OpenFeature exports would mix the people that a server answers at once.
async function clientFor(bulk, context) {
  const api = new OpenFeatureAPI();
  const fetchImplementation = async () => new Response(bulk, { headers: { "Content-Type": "application/json" } });
  const options = { baseUrl: "https://page", fetchImplementation, cacheMode: "disabled", changeDetection: "none" };
  await api.setProviderAndWait(new OFREPWebProvider(options), context);
  return api.getClient();
}

async function run() {
  const { bulk, context } = JSON.parse(await text(process.stdin));
  const client = await clientFor(JSON.stringify(bulk), context);
  process.stdout.write(renderToString(<App client={client} />));
}

run();
