"use client";

import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { InMemoryProvider, OpenFeature, OpenFeatureAPI, OpenFeatureProvider } from "@openfeature/react-sdk";
import { connect, inMemoryFlags } from "flaghoist";
import { Suspense, use, useMemo } from "react";

const isBrowser = typeof window !== "undefined";

function start() {
  const flags = connect();
  OpenFeature.addHooks(flags.hook);
  const started = OpenFeature.setProviderAndWait(new OFREPWebProvider(flags.providerOptions), flags.context);
  return started.catch(() => undefined); // without flags, the application uses its fallback values
}

const ready = isBrowser ? start() : undefined;

// On the server: the evaluated values, ready at once and private to this request.
function clientFor(bulk) {
  const api = new OpenFeatureAPI();
  api.setProvider(new InMemoryProvider(inMemoryFlags({ ofrep: bulk })));
  return api.getClient();
}

export function Flags({ bulk, children }) {
  const client = useMemo(() => (isBrowser ? undefined : clientFor(bulk)), [bulk]);
  return (
    <OpenFeatureProvider client={client}>
      <Suspense>
        <WhenReady>{children}</WhenReady>
      </Suspense>
    </OpenFeatureProvider>
  );
}

function WhenReady({ children }) {
  if (ready) use(ready);
  return children;
}
