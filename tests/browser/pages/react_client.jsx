// Hydrates the application once the provider has what the page carries: docs/recipes/react.md.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/react-sdk";
import { hydrateRoot } from "react-dom/client";

import { App } from "./react_shop.jsx";

const { Flaghoist } = globalThis;
globalThis.recovered = [];

async function run() {
  OpenFeature.addHooks(Flaghoist.hook);
  await OpenFeature.setProviderAndWait(new OFREPWebProvider(Flaghoist.providerOptions), Flaghoist.context);
  const onRecoverableError = (error) => globalThis.recovered.push(String(error));
  hydrateRoot(document.getElementById("root"), <App />, { onRecoverableError });
}

run();
