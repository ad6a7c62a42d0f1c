// Packs the benchmark on WebGPU for a machine that has a GPU and nothing else: one script, this Node, Dawn and, where this
// machine has it, the Vulkan loader in a folder with a script that runs them. Needs no network there.
//   node bench/dist/gpu/pack.js FOLDER

import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const run = `#!/bin/sh
# Prints the table; options follow, as --peak-tflops 67 --peak-gbs 3350.
here=$(cd "$(dirname "$0")" && pwd)
export DAWN="$here/dawn.node" LD_LIBRARY_PATH="$here:$LD_LIBRARY_PATH"
exec "$here/node" "$here/bench.mjs" "$@"
`;

const loader = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/libvulkan.so.1`;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder to pack into.");
mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [fileURLToPath(new URL("main.js", import.meta.url))],
  bundle: true,
  platform: "node",
  format: "esm",
  external: ["webgpu"],
  // Some packages inside ask for `require`.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  outfile: join(folder, "bench.mjs"),
  logLevel: "error",
});
const dawn = dirname(createRequire(import.meta.url).resolve("webgpu"));
copyFileSync(
  join(dawn, "dist", `${process.platform}-${process.arch}`, "dawn.node"),
  join(folder, "dawn.node"),
);
copyFileSync(process.execPath, join(folder, "node"));
if (existsSync(loader)) copyFileSync(loader, join(folder, "libvulkan.so.1"));
writeFileSync(join(folder, "run.sh"), run);
chmodSync(join(folder, "run.sh"), 0o755);
console.log(
  `${folder}/run.sh prints the table on any Linux machine of this processor's kind with a Vulkan driver.`,
);
