// The published OFREP web provider, unmodified, that follows the stream which the edge's bulk answers name.
//
// In:  argument: {"baseUrl", "key", "flag"}
// Out: a line for each value of the number flag that is new: {"value", "atMs"}; ends when standard input does.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const { baseUrl, key, flag } = JSON.parse(process.argv[2]);
const NONE = -1;
let last;

function tell() {
  const value = OpenFeature.getClient().getNumberValue(flag, NONE);
  if (value === last) return;
  last = value;
  process.stdout.write(`${JSON.stringify({ value, atMs: Date.now() })}\n`);
}

OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, tell);
await OpenFeature.setContext({ targetingKey: "ada" });
await OpenFeature.setProviderAndWait(
  new OFREPWebProvider({ baseUrl, headers: [["Authorization", `Bearer ${key}`]], cacheMode: "disabled" }),
);
tell();
process.stdin.resume();
process.stdin.on("end", async () => {
  await OpenFeature.close();
  process.exit(0);
});
