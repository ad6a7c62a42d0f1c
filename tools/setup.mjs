// Makes a fresh clone runnable with nothing but Node and npm: installs through the pinned pnpm, then builds.
// It refuses to change the lockfile, and leaves the types of tests and tools to the check. `--no-build` stops after
// the install.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  } catch {
    return undefined;
  }
}

/** @type {(message: string) => never} */
function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

/** @type {{ engines: { node: string }, packageManager: string }} */
const manifest = JSON.parse(
  read("package.json") ?? fail("package.json is missing; clone the repository again"),
);

const pnpm = manifest.packageManager.split("+")[0] ?? "pnpm";

function checkNode() {
  const needed = manifest.engines.node.replace(">=", "").split(".").map(Number);
  const found = process.versions.node.split(".").map(Number);
  const [major = 0, minor = 0] = needed;
  const [foundMajor = 0, foundMinor = 0] = found;
  if (foundMajor < major || (foundMajor === major && foundMinor < minor)) {
    fail(`Node ${process.versions.node} is too old; install Node ${needed.join(".")} or newer`);
  }
}

/**
 * Why the install failed, by what its output says; the first match wins.
 * @type {readonly (readonly [RegExp, string])[]}
 */
const causes = [
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    `pnpm-lock.yaml does not match a package.json; run \`npx ${pnpm} install\` and commit the lockfile`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ERR_PNPM_META_FETCH_FAIL/,
    "the npm registry cannot be reached; check the network, the proxy and `npm config get registry`, then run this again",
  ],
  [/ENOSPC/, "the disk is full; free some space, then run this again"],
  [
    /EACCES|EPERM/,
    "a file cannot be written; make this folder and the npm cache writable, then run this again",
  ],
];

/** Four tries within about 20 seconds, where npm by itself would wait for more than a minute. */
const patience = {
  npm_config_fetch_retries: "3",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "10000",
};

function install() {
  // pnpm leaves here a copy of the lockfile that it installed.
  if (read("node_modules/.pnpm/lock.yaml") === read("pnpm-lock.yaml")) return;
  console.error(`setup: installing with ${pnpm}`);
  const { status, stdout, stderr, error } = spawnSync("npx", ["-y", pnpm, "install", "--frozen-lockfile"], {
    cwd: root,
    env: { ...patience, ...process.env, CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  if (error) fail(`npx cannot be started (${error.message}); install npm, which brings npx`);
  const output = `${stdout}\n${stderr}`;
  const known = causes.find(([pattern]) => pattern.test(output));
  if (known) fail(known[1]);
  console.error(output.trim());
  fail("the install failed; the reason is above");
}

function build() {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  const packages = readdirSync(new URL("../packages", import.meta.url)).map((name) => `packages/${name}`);
  const projects = [...packages, "examples"];
  const { status } = spawnSync(process.execPath, [tsc, "-b", ...projects], { cwd: root, stdio: "inherit" });
  if (status !== 0) fail("the build failed; the errors are above");
  const bundle = fileURLToPath(new URL("bundle.mjs", import.meta.url));
  if (spawnSync(process.execPath, [bundle], { cwd: root, stdio: "inherit" }).status !== 0)
    fail("the inspector and the workers could not be bundled; the errors are above");
}

checkNode();
install();
if (!process.argv.includes("--no-build")) build();
