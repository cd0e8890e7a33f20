// Keeps the memory of a freshly started interpreter on disk, as Cloudflare's runtime does: seconds of start-up become tenths.
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/** The memory image fits one interpreter in one runtime only, so both versions are in the name. */
function fileIn(folder) {
  const version = (name) => require(`${name}/package.json`).version;
  return path.join(folder, `pyodide-${version("pyodide")}-workerd-${version("workerd")}.snapshot`);
}

/** The saved memory, or nothing when there is none yet. */
export async function readSnapshot(folder) {
  if (!folder) return new Uint8Array();
  try {
    return await readFile(fileIn(folder));
  } catch (error) {
    if (error.code === "ENOENT") return new Uint8Array();
    throw error;
  }
}

/** Save what `take` (a fetch of the memory) returns, unless it is saved already; several may try at the same time. */
export async function writeSnapshot(folder, take) {
  if (!folder || (await stat(fileIn(folder)).catch(() => undefined))) return;
  const bytes = Buffer.from(await (await take()).arrayBuffer());
  if (bytes.length === 0) return;
  const target = fileIn(folder);
  const draft = `${target}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await writeFile(draft, bytes);
  await rename(draft, target);
}
