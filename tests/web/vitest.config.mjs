// Unit tests of the npm package, from its source, in Node without a DOM.
import { defineConfig } from "vitest/config";

import { pageScript } from "../../shared/web/build.mjs";

const source = (name) => new URL(`../../shared/web/src/${name}.ts`, import.meta.url).pathname;

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../../node_modules/.vitest",
  define: { PAGE_SCRIPT: JSON.stringify(pageScript()) },
  resolve: {
    alias: [
      { find: /^flaghoist$/, replacement: source("index") },
      { find: /^flaghoist\/server$/, replacement: source("server") },
    ],
  },
  test: { include: ["unit/*.test.ts"], environment: "node", restoreMocks: true, unstubGlobals: true },
});
