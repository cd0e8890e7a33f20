// The command line of the local edge.
import { parseArgs } from "node:util";

/** @satisfies {import("node:util").ParseArgsOptionsConfig} */
const OPTIONS = {
  bundle: { type: "string" },
  port: { type: "string", default: "0" },
  "kv-port": { type: "string", default: "0" },
  var: { type: "string", multiple: true, default: [] },
  token: { type: "string", default: "local" },
  account: { type: "string", default: "local-account" },
  namespace: { type: "string", default: "local-flags" },
  persist: { type: "string" },
  cf: { type: "string", default: "{}" },
  extra: { type: "string", multiple: true, default: [] },
  entry: { type: "string", default: "entry" },
  "compatibility-date": { type: "string" },
  cache: { type: "string" },
  "follow-parent": { type: "boolean", default: false },
};

/** What Cloudflare would tell about a visitor; `--cf` and the header `Flaghoist-Local-Cf` overlay it. */
const CF = {
  asn: 64496,
  asOrganization: "Local network",
  city: "Berlin",
  colo: "LOCAL",
  continent: "EU",
  country: "DE",
  region: "Land Berlin",
  regionCode: "BE",
  timezone: "Europe/Berlin",
  botManagement: { score: 99, verifiedBot: false },
};

const SECRETS = ["FLAGHOIST_SECRET"];

function variables(pairs) {
  const named = pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
  return Object.fromEntries(named);
}

function secrets(environment) {
  return Object.fromEntries(SECRETS.filter((name) => environment[name]).map((name) => [name, environment[name]]));
}

/** Settings from argv; secrets come from the environment, which other users of the machine cannot read. */
export function readSettings(argv, environment) {
  const { values } = parseArgs({ args: argv, options: OPTIONS });
  for (const name of ["bundle", "compatibility-date"]) {
    if (!values[name]) throw new Error(`--${name} is missing`);
  }
  return {
    ...values,
    port: Number(values.port),
    kvPort: Number(values["kv-port"]),
    bindings: { ...variables(values.var), ...secrets(environment) },
    cf: { ...CF, ...JSON.parse(values.cf) },
    compatibilityDate: values["compatibility-date"],
    followParent: values["follow-parent"],
  };
}
