// An in-memory stand-in for Workers KV, so that a peer pays for what it does with a value and not for our disk.
import values from "./values.mjs";

export default {
  async fetch(request) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return key in values ? new Response(values[key]) : new Response("not found", { status: 404 });
  },
};
