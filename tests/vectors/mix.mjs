// Algorithm "mix" in another language: cases on standard input, the bucket of each on standard output.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

// biome-ignore format: one sentence
const word = (text, place) => BigInt(createHash("sha256").update(text).digest().readUInt32BE(4 * place));
const fold = (product) => (product >> 32n) ^ (product & 0xffffffffn);

function bucket({ salt, flag, key }) {
  const [unit, draw] = [`mix.${key}`, `${salt}.${flag}.`];
  const joined = (word(unit, 0) * (word(draw, 0) | 1n)) ^ (word(unit, 1) * (word(draw, 1) | 1n));
  return Number((fold(fold(joined) * (word(unit, 2) | 1n)) * 100000n) >> 32n);
}

const { cases } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(bucket)));
