// Bundles the inspector of report pages into one script, and writes it as the module that reports take it from. Run after the
// packages are built. It refuses to check types: `tsc -b` does.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (/** @type {string} */ path) =>
  fileURLToPath(new URL(`../packages/interchange/${path}`, import.meta.url));

const { outputFiles } = await build({
  entryPoints: [at("inspector/main.ts")],
  bundle: true,
  // What is made here: the report package names it, and in a fresh clone it is not there yet.
  external: ["./inspector.js"],
  write: false,
  format: "iife",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "none",
  banner: {
    js: "/* The inspector of Adjoint (Apache-2.0), with KaTeX (MIT, Khan Academy and other contributors), Sigma.js (MIT, Alexis Jacomy, Guillaume Plique and contributors), graphology (MIT, Guillaume Plique), events (MIT, Joyent and other Node contributors), RxJS (Apache-2.0). */",
  },
  // Only ASCII, and no "</script": the text stands in a page.
  charset: "ascii",
});
const script = outputFiles[0]?.text ?? "";
if (/<\/script|<!--/i.test(script)) throw new Error("bundle: the inspector's script would end its element");

const target = at("dist/report/inspector.js");
const text = `/** The script of the inspector, bundled from packages/interchange/inspector. */\nexport const inspector = ${JSON.stringify(script)};\n`;
if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
