// Renders a page on a server: {"baseUrl", "key", "context"} on standard input, {"head", "html"} on standard output.
import { readFileSync } from "node:fs";

import { connect } from "flaghoist";
import { fetchPayload, headHtml } from "flaghoist/server";

import { render } from "./shown.mjs";

const payload = await fetchPayload(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify({ head: headHtml(payload), html: render(connect(payload)) }));
