// What the local edge's scripts import that only exists once they run in workerd: files that serve.mjs puts beside them.

declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module "*.py" {
  const text: string;
  export default text;
}
declare module "*.snapshot" {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module "*.wasm" {
  const compiled: WebAssembly.Module;
  export default compiled;
}
declare module "*.zip" {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module "*/bundle.json" {
  // biome-ignore lint/suspicious/noExplicitAny: written by Python
  const bundle: any;
  export default bundle;
}
declare module "*/settings.json" {
  // biome-ignore lint/suspicious/noExplicitAny: written by serve.mjs
  const settings: any;
  export default settings;
}
declare module "*/pyodide-lock.json" {
  const text: string;
  export default text;
}
declare module "*/pyodide.mjs" {
  export const loadPyodide: typeof import("pyodide").loadPyodide;
}
declare module "*/pyodide.asm.mjs" {
  const createPyodideModule: unknown;
  export default createPyodideModule;
}
declare module "cloudflare:sockets";
declare module "cloudflare:workers" {
  export const waitUntil: (promise: Promise<unknown>) => void;
}
