// The script that a page runs first: it holds the flags that the page carries, and lets the unmodified OpenFeature web provider
// start from them.
//
// In:  globalThis.__FLAGHOIST__, a `Payload`, or what `format=js` sets.
// Out: globalThis.Flaghoist. Storage may be refused and the network away: nothing here throws.

import { scope } from "./page/scope.js";
import { start } from "./page/start.js";

// A page may carry this script and load it as well.
const payload = scope.__FLAGHOIST__;
if (!scope.Flaghoist || scope.Flaghoist.payload !== payload) scope.Flaghoist = start(payload);
