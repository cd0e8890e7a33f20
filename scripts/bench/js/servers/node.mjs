// The peers in Node: `node node.cjs PEER FILE PORT` answers as their Workers do, with the flags of FILE and nothing around node:http.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { JSON_HEADERS } from "../answering.mjs";
import { flagd } from "../peers/flagd.mjs";
import { growthBook } from "../peers/growthbook.mjs";
import { launchDarkly } from "../peers/launchdarkly.mjs";
import { statsig } from "../peers/statsig.mjs";

const PEERS = {
  launchdarkly_cached: launchDarkly({ cached: true }),
  statsig: statsig(),
  growthbook: growthBook({ cached: true }),
  flagd: flagd({ generates: true }),
};

const [peer, file, port] = process.argv.slice(2);
const evaluate = PEERS[peer](() => readFile(file, "utf8"));

async function answer(body, response) {
  const { context } = JSON.parse(body);
  const bytes = Buffer.from(await evaluate(context));
  response.writeHead(200, { ...JSON_HEADERS, "content-length": bytes.length }).end(bytes);
}

createServer((request, response) => {
  if (request.method === "GET") return response.end("ok");
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => answer(Buffer.concat(pieces), response));
}).listen(Number(port), "127.0.0.1");
