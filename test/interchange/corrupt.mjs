// Reads corrupt files, one after the other, in a process with little memory: a folder of good files, how many corrupt ones to
// make of each, and a seed. Prints a line of JSON for each file; ends at once with what is neither a document nor a typed error.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { AdjointError } from "@adjoint/core";
import { readDocument } from "@adjoint/interchange/document";

const [folder = "", count = "0", seed = "1"] = process.argv.slice(2);

/** Mulberry32, by Tommy Ettinger (public domain). @param {number} state */
function random(state) {
  let a = state >>> 0;
  return (/** @type {number} */ below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % Math.max(1, below);
  };
}

const hostile = [
  "0",
  "-1",
  "1e9",
  "999999999",
  "9007199254740991",
  "1e999",
  "null",
  "[]",
  "{}",
  '""',
  "[[[[[[[[",
  "\\u0000",
  "NaN",
  "\u{1f600}",
];

/** @type {readonly ((bytes: Buffer, draw: (below: number) => number) => Buffer)[]} */
const damages = [
  // A byte that is another.
  (bytes, draw) => {
    const copy = Buffer.from(bytes);
    copy[draw(copy.length)] = draw(256);
    return copy;
  },
  // The end is missing.
  (bytes, draw) => bytes.subarray(0, draw(bytes.length)),
  // Something is missing, comes twice, or stands elsewhere.
  (bytes, draw) => {
    const [a, b] = [draw(bytes.length), draw(64)];
    return Buffer.concat([bytes.subarray(0, a), bytes.subarray(a + b)]);
  },
  (bytes, draw) => {
    const [a, b, c] = [draw(bytes.length), draw(200), draw(bytes.length)];
    return Buffer.concat([bytes.subarray(0, c), bytes.subarray(a, a + b), bytes.subarray(c)]);
  },
  // A number that is another.
  (bytes, draw) => {
    const text = bytes.toString("latin1");
    const numbers = [...text.matchAll(/\d+/g)];
    const chosen = numbers[draw(numbers.length)];
    if (chosen === undefined) return bytes;
    const put = hostile[draw(hostile.length)] ?? "";
    return Buffer.concat([
      bytes.subarray(0, chosen.index),
      Buffer.from(put),
      bytes.subarray(chosen.index + chosen[0].length),
    ]);
  },
  // A word that is another word of the file.
  (bytes, draw) => {
    const text = bytes.toString("latin1");
    const words = [...text.matchAll(/\w+/g)];
    const [at, from] = [words[draw(words.length)], words[draw(words.length)]];
    if (at === undefined || from === undefined) return bytes;
    return Buffer.concat([
      bytes.subarray(0, at.index),
      Buffer.from(from[0], "latin1"),
      bytes.subarray(at.index + at[0].length),
    ]);
  },
];

for (const name of readdirSync(folder).sort()) {
  const good = readFileSync(join(folder, name));
  const kind = readDocument(good).kind;
  for (let k = 0; k < 100; k++) readDocument(good);
  const before = process.resourceUsage().maxRSS;
  let refused = 0;
  let slowest = 0;
  for (let k = 0; k < Number(count); k++) {
    const draw = random(Number(seed) * 7919 + k);
    let bytes = good;
    for (let damage = draw(3); damage >= 0; damage--)
      bytes = (damages[draw(damages.length)] ?? ((same) => same))(bytes, draw);
    const start = performance.now();
    try {
      readDocument(bytes);
    } catch (error) {
      if (!(error instanceof AdjointError)) {
        console.error(`${name}, ${k}:`, error);
        process.exit(1);
      }
      refused += 1;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(JSON.stringify({ name, kind, refused, slowest, grown }));
}
