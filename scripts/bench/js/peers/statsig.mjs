// Statsig's lite server SDK, bootstrapped from KV and without network: it makes what a client SDK starts from.
import StatsigServer from "statsig-node-lite/dist/StatsigServer.js";

const NEVER_MS = 1e9;
const TOP_LEVEL = ["email", "country", "appVersion"];

async function load(read) {
  const Server = StatsigServer.default ?? StatsigServer;
  const server = new Server("secret-bench", {
    bootstrapValues: await read(),
    localMode: true,
    disableDiagnostics: true,
    disableRulesetsSync: true,
    disableIdListsSync: true,
    initStrategyForIDLists: "none",
    loggingIntervalMs: NEVER_MS,
  });
  await server.initializeAsync();
  return server;
}

function userOf({ targetingKey, ...attributes }) {
  const named = Object.fromEntries(TOP_LEVEL.map((name) => [name, attributes[name]]));
  const custom = Object.fromEntries(Object.entries(attributes).filter(([name]) => !TOP_LEVEL.includes(name)));
  return { userID: targetingKey, ...named, custom };
}

export const statsig = () => (read) => {
  let server;
  return async (context) => {
    server ??= await load(read);
    return JSON.stringify(server.getClientInitializeResponse(userOf(context), { hash: "none" }));
  };
};
