// Writes the documents that derive from code, one generator per file in tools/docs/; with `--check` it only
// compares. It refuses to hold any document's content: a generator exports `path` (from the repository root)
// and `generate()`, which returns the text.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const check = process.argv.includes("--check");
const folder = new URL("docs/", import.meta.url);
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".mjs")) : [];

for (const name of names.sort()) {
  /** @type {{ path: string, generate: () => Promise<string> }} */
  const { path, generate } = await import(new URL(name, folder).href);
  const target = new URL(`../${path}`, import.meta.url);
  const text = await generate();
  if (existsSync(target) && readFileSync(target, "utf8") === text) continue;
  if (check) {
    console.error(`${path} is out of date; run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  } else {
    mkdirSync(new URL(".", target), { recursive: true });
    writeFileSync(target, text);
    console.log(`wrote ${path}`);
  }
}
