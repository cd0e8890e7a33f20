// LaunchDarkly's current edge SDK core: every call reads and parses KV unless its own payload cache is given.
import { EdgeFeatureStore, init } from "@launchdarkly/js-server-sdk-common-edge";

import { CLIENT_SIDE_ID, quiet } from "../answering.mjs";

const NAME = "bench";
const platformInfo = {
  platformData: () => ({ name: NAME }),
  sdkData: () => ({ name: NAME, version: "0", userAgentBase: NAME }),
};

const neverExpiring = () => {
  const held = new Map();
  return { get: (key) => held.get(key), set: (key, value) => held.set(key, value), close() {} };
};

export const launchDarkly =
  ({ cached }) =>
  (read) => {
    const cache = cached ? neverExpiring() : undefined;
    const featureStore = new EdgeFeatureStore({ get: read }, CLIENT_SIDE_ID, NAME, quiet, cache);
    const client = init(CLIENT_SIDE_ID, platformInfo, { featureStore, logger: quiet });
    return async ({ targetingKey, ...attributes }) => {
      const user = { kind: "user", key: targetingKey, ...attributes };
      return JSON.stringify(await client.allFlagsState(user, { clientSideOnly: true }));
    };
  };
