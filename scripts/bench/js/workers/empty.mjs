// The floor in JavaScript: reads the context and answers a constant of SIZE bytes.

import { JSON_HEADERS } from "../answering.mjs";
import { PREFIX, SUFFIX } from "../constant.mjs";

let body;

export default {
  async fetch(request, env) {
    if (request.method === "GET") return new Response("ok");
    await request.json();
    body ??= PREFIX + "x".repeat(Math.max(0, Number(env.SIZE) - PREFIX.length - SUFFIX.length)) + SUFFIX;
    return new Response(body, { headers: JSON_HEADERS });
  },
};
