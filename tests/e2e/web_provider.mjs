// Drives the published OFREP web provider, unmodified, through steps read from stdin as JSON; prints what each step showed.
//
// In:  {"baseUrl", "key", "pollMs", "headers": [[name, value], …], "steps": [{"set": context} | {"poll": count} | {"ask": [[kind, flag, default], …]}, …]}
//      The first step is a "set": it initialises the provider with that context; later ones change the context.
//      "poll" waits for that many further answers to polls.
// Out: {"steps": [result, …], "calls": [{"status", "asked", "etag", "path"}, …], "events": [name, …]}
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const DOMAIN = "tests";
const POLL_DEADLINE_MS = 15_000;

async function readInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

function counting(calls) {
  return async (request, init) => {
    const response = await fetch(request, init);
    calls.push({
      status: response.status,
      asked: request.headers.get("If-None-Match"),
      etag: response.headers.get("ETag"),
      path: new URL(request.url).pathname,
    });
    return response;
  };
}

async function polled(calls, count) {
  const deadline = Date.now() + POLL_DEADLINE_MS;
  const wanted = calls.length + count;
  while (calls.length < wanted) {
    if (Date.now() > deadline) throw new Error(`no ${count} polls within ${POLL_DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function ask(client, [kind, flag, fallback]) {
  const details = client[`get${kind}Details`](flag, fallback);
  const { value, reason, variant, errorCode, errorMessage, flagMetadata } = details;
  return { value, reason, variant, errorCode, errorMessage, flagMetadata };
}

async function run({ baseUrl, key, pollMs = 0, headers = [], steps }) {
  const calls = [];
  const events = [];
  const provider = new OFREPWebProvider({
    baseUrl,
    headers: [["Authorization", `Bearer ${key}`], ...headers],
    pollInterval: pollMs,
    cacheMode: "disabled",
    fetchImplementation: counting(calls),
  });
  for (const event of Object.values(ProviderEvents))
    OpenFeature.getClient(DOMAIN).addHandler(event, () => events.push(event));
  const perform = {
    set: async (context, isFirst) => {
      await OpenFeature.setContext(DOMAIN, context);
      if (!isFirst) return undefined;
      try {
        await OpenFeature.setProviderAndWait(DOMAIN, provider);
      } catch (error) {
        return { refused: error.name, code: error.code };
      }
      return undefined;
    },
    poll: (count) => polled(calls, count),
    ask: (questions) => questions.map((question) => ask(OpenFeature.getClient(DOMAIN), question)),
  };
  const results = [];
  for (const [place, step] of steps.entries()) {
    const [[name, argument]] = Object.entries(step);
    results.push((await perform[name](argument, place === 0)) ?? null);
  }
  await OpenFeature.close();
  return { steps: results, calls, events };
}

process.stdout.write(JSON.stringify(await run(await readInput())));
