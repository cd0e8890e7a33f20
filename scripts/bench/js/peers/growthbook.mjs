// GrowthBook's SDK, with the payload kept in memory or read and parsed for every request, as its KV guide does.
import { GrowthBookClient } from "@growthbook/growthbook";

const fresh = async (read) => new GrowthBookClient().initSync({ payload: JSON.parse(await read()) });

export const growthBook =
  ({ cached }) =>
  (read) => {
    let held;
    return async ({ targetingKey, ...attributes }) => {
      const client = held ?? (await fresh(read));
      if (cached) held = client;
      const user = { attributes: { id: targetingKey, ...attributes } };
      const features = {};
      for (const key in client.getFeatures()) {
        const { value, source } = client.evalFeature(key, user);
        features[key] = { value, source };
      }
      return JSON.stringify({ features });
    };
  };
