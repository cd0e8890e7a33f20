// Hydrates at once, as frameworks do; what reads flags waits for the provider inside its boundary: docs/recipes/nextjs.md.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature } from "@openfeature/react-sdk";
import { hydrateRoot } from "react-dom/client";

import { App } from "./react_shop.jsx";

const { Flaghoist } = globalThis;
globalThis.recovered = [];

OpenFeature.addHooks(Flaghoist.hook);
const started = OpenFeature.setProviderAndWait(new OFREPWebProvider(Flaghoist.providerOptions), Flaghoist.context);
const ready = started.catch(() => undefined); // without flags the application shows its fallbacks
const onRecoverableError = (error) => globalThis.recovered.push(String(error));
hydrateRoot(document.getElementById("root"), <App ready={ready} />, { onRecoverableError });
