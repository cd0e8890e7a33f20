// A small React application as anybody would write it with the OpenFeature React SDK; it knows nothing of Flaghoist.
import {
  OpenFeatureProvider,
  useBooleanFlagValue,
  useFlag,
  useNumberFlagValue,
  useObjectFlagValue,
} from "@openfeature/react-sdk";
import { Suspense, use, useEffect, useState } from "react";

function Shop() {
  const { value: release } = useFlag("release", "fallback");
  const isNew = useBooleanFlagValue("new-checkout", false);
  const ratio = useNumberFlagValue("ratio", -1);
  const layout = useObjectFlagValue("layout", { title: "fallback" });
  const [isLive, goLive] = useState(false);
  useEffect(() => goLive(true), []);
  return (
    <main data-live={isLive}>
      <h1>{layout.title}</h1>
      <p id="release">{release}</p>
      <p id="ratio">{ratio}</p>
      {isNew ? <button type="button">New checkout</button> : <a href="/old">Old checkout</a>}
    </main>
  );
}

// `client` is the server's own; in a browser there is one for all, and who cannot wait for its provider gives `ready`.
export function App({ client, ready }) {
  return (
    <OpenFeatureProvider client={client}>
      <Suspense>
        <WhenReady ready={ready}>
          <Shop />
        </WhenReady>
      </Suspense>
    </OpenFeatureProvider>
  );
}

function WhenReady({ ready, children }) {
  if (ready) use(ready);
  return children;
}
