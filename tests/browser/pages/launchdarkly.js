// LaunchDarkly's published client, unmodified, for a test to start from a bootstrap inside a page.
import { createClient } from "@launchdarkly/js-client-sdk";

const said = [];
const say = (...words) => said.push(words.join(" "));
const logger = { debug: () => {}, info: () => {}, warn: say, error: say };

// Starts a client from what `format=launchdarkly` answered; returns it at once, before anything could arrive.
function startFrom(bootstrap, context) {
  const options = { logger, sendEvents: false, fetchGoals: false, streaming: false, diagnosticOptOut: true };
  const client = createClient("no-such-environment", context, options);
  const started = client.start({ bootstrap });
  return { client, started };
}

Object.assign(globalThis, { startFrom, said });
