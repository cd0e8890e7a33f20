// What every peer's Worker shares: POST {"context": {…}} gives the peer's bootstrap of all flags as JSON.
export const JSON_HEADERS = { "content-type": "application/json" };

/** Where the flags lie in KV; the name is the one that LaunchDarkly's edge SDK asks for. */
export const CLIENT_SIDE_ID = "bench";
const KEY = `LD-Env-${CLIENT_SIDE_ID}`;

export const quiet = { debug() {}, info() {}, warn() {}, error: (...parts) => console.error(...parts) };

/** A Worker around `connect(read)`, which returns `(context) => text`; `read()` reads the flags from KV as text. */
export function answering(connect) {
  let evaluate;
  return {
    async fetch(request, env) {
      if (request.method === "GET") return new Response("ok");
      const { context } = await request.json();
      evaluate ??= connect(() => env.KV.get(KEY));
      return new Response(await evaluate(context), { headers: JSON_HEADERS });
    },
  };
}
