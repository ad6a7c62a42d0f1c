// Bundles programs that packages carry as texts, and writes the modules that they take them from: the inspector of report pages,
// and the workers of the CPU backend. Run after the packages are built. It refuses to check types: `tsc -b` does.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../packages/${path}`, import.meta.url));

/**
 * One script of a program; `made` is what is written here, which the program's own packages name and which is not there yet.
 * @param {string} entry
 * @param {string} made
 * @param {string} [banner]
 */
async function bundle(entry, made, banner = "") {
  const { outputFiles } = await build({
    entryPoints: [at(entry)],
    bundle: true,
    external: [made],
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    banner: { js: banner },
    // Only ASCII, and no "</script": the text may stand in a page.
    charset: "ascii",
  });
  const script = outputFiles[0]?.text ?? "";
  if (/<\/script|<!--/i.test(script)) throw new Error(`bundle: the script of ${entry} would end its element`);
  return script;
}

/**
 * @param {string} path
 * @param {string} from
 * @param {Record<string, string>} scripts
 */
function write(path, from, scripts) {
  const constants = Object.entries(scripts).map(
    ([name, script]) => `export const ${name} = ${JSON.stringify(script)};\n`,
  );
  const text = `/** Bundled from packages/${from}. */\n${constants.join("")}`;
  if (!existsSync(at(path)) || readFileSync(at(path), "utf8") !== text) writeFileSync(at(path), text);
}

write("backend-cpu/dist/engine/sources.js", "backend-cpu/workers", {
  crewSource: await bundle("backend-cpu/workers/crew.ts", "./sources.js"),
});
write("interchange/dist/report/inspector.js", "interchange/inspector", {
  inspector: await bundle(
    "interchange/inspector/main.ts",
    "./inspector.js",
    "/* The inspector of Adjoint (Apache-2.0), with KaTeX (MIT, Khan Academy and other contributors), Sigma.js (MIT, Alexis Jacomy, Guillaume Plique and contributors), graphology (MIT, Guillaume Plique), events (MIT, Joyent and other Node contributors), RxJS (Apache-2.0). */",
  ),
});
