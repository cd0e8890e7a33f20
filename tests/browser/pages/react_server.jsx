// Renders the application on a server from a bulk answer: docs/recipes/react.md and docs/recipes/nextjs.md.
//
// In:  globalThis.told = {"way": "ofrep" | "memory" | "package", "payload"}
// Out: {"html": of the application, "head": of the page}
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { InMemoryProvider, OpenFeatureAPI } from "@openfeature/react-sdk";
import { headHtml, inMemoryFlags } from "flaghoist/server";
import { renderToString } from "react-dom/server";

import { App } from "./react_shop.jsx";

// One API object per request: the one that OpenFeature exports would mix the people that a server answers at once.
const clients = {
  async ofrep({ ofrep, context }) {
    const api = new OpenFeatureAPI();
    const body = JSON.stringify(ofrep ?? { flags: [] });
    const fetchImplementation = async () => new Response(body, { headers: { "Content-Type": "application/json" } });
    const options = { baseUrl: "https://page", fetchImplementation, cacheMode: "disabled", changeDetection: "none" };
    await api.setProviderAndWait(new OFREPWebProvider(options), context);
    return api.getClient();
  },

  // What was evaluated, as flags with one variant each: ready at once.
  memory({ ofrep }) {
    const evaluated = (ofrep?.flags ?? []).filter((item) => item.value !== undefined && !item.errorCode);
    const asFlag = ({ key, value, variant }) => [
      key,
      { variants: { [variant]: value }, defaultVariant: variant, disabled: false },
    ];
    const api = new OpenFeatureAPI();
    api.setProvider(new InMemoryProvider(Object.fromEntries(evaluated.map(asFlag))));
    return api.getClient();
  },

  // The same with the npm package.
  package(payload) {
    const api = new OpenFeatureAPI();
    api.setProvider(new InMemoryProvider(inMemoryFlags(payload)));
    return api.getClient();
  },
};

// Twice JSON: text inside a script, and what is parsed from it. Nothing in it can end the element.
const inScript = (payload) =>
  JSON.stringify(JSON.stringify(payload)).replace(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

async function run() {
  const { way, payload } = globalThis.told;
  const client = await clients[way](payload);
  const statement = `<script>globalThis.__FLAGHOIST__=JSON.parse(${inScript(payload)})</script>`;
  const head = way === "package" ? headHtml(payload) : `${statement}<script src="/v1/bootstrap.js"></script>`;
  process.stdout.write(JSON.stringify({ html: renderToString(<App client={client} />), head }));
}

run();
