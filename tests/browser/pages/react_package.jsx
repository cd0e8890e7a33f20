// Hydrates the application with the npm package: docs/recipes/react.md.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/react-sdk";
import { connect } from "flaghoist";
import { hydrateRoot } from "react-dom/client";

import { App } from "./react_shop.jsx";

globalThis.recovered = [];

async function run() {
  const flags = connect();
  OpenFeature.addHooks(flags.hook);
  await OpenFeature.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
  const onRecoverableError = (error) => globalThis.recovered.push(String(error));
  hydrateRoot(document.getElementById("root"), <App />, { onRecoverableError });
}

run();
