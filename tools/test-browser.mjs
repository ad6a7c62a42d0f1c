// Runs the suites that need Chromium; where there is none it says so and where it looked, and runs nothing.
// Options of vitest follow. It refuses to install a browser.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = "node_modules/vitest/vitest.mjs";

const named = process.env["CHROMIUM"];
const places = named === undefined ? ["/usr/bin/chromium", "/usr/bin/chromium-browser"] : [named];
const found = places.find((place) => existsSync(place));

if (found === undefined) {
  console.log(
    `test:browser: skipped, no Chromium at ${places.join(" or ")}; install one (on Debian ` +
      "`apt-get install chromium libvulkan1`) or name it in CHROMIUM",
  );
} else {
  const args = [vitest, "run", "--config", "vitest.browser.config.ts", ...process.argv.slice(2)];
  const env = { ...process.env, CHROMIUM: found };
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
}
