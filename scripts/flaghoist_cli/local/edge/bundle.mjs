// Reads the folder that `wrangler deploy --dry-run --outdir` wrote, and extra folders, into one block of bytes with an index.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Written by wrangler beside the modules; never uploaded. */
const NOT_MODULES = new Set(["README.md"]);

async function filesUnder(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("__pycache__"))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !NOT_MODULES.has(name))
    .sort();
}

async function read(root, prefix = "") {
  const names = await filesUnder(root);
  return Promise.all(
    names.map(async (name) => ({ path: path.posix.join(prefix, name), data: await readFile(path.join(root, name)) })),
  );
}

/** `extras`: `FOLDER` or `FOLDER=PREFIX`, mounted after the bundle. Returns `{index, contents}` for the host. */
export async function readBundle(bundle, extras) {
  const parts = await Promise.all([read(bundle), ...extras.map((extra) => read(...extra.split("=")))]);
  const files = parts.flat();
  let offset = 0;
  const index = files.map(({ path: name, data }) => {
    const entry = { path: name, offset, size: data.length };
    offset += data.length;
    return entry;
  });
  return { index: JSON.stringify(index), contents: Buffer.concat(files.map(({ data }) => data)) };
}
