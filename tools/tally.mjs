// Counts what test runs (vitest's JSON reports) and a check run (its printed lines) came to, names again what failed, and
// prints `N passed, N failed` as its last line. It refuses to call a run without tests a success, and does not let the suites
// of devices skip.
// Usage: node tools/tally.mjs FOLDER RUN…, where FOLDER holds RUN.json and RUN.status for each run, check.txt and
// check.status.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [folder = ".", ...runs] = process.argv.slice(2);

/** Folders of tests that skip where a browser or a driver is missing, which a machine that counts has. */
const mustRun = /\/test\/(backend-gpu|browser|conformance)\//;

/** Tests that compare with references which may not be beside the checkout, by their names: they skip without them. */
const needsReferences = /like PyTorch/;
const hasReferences = existsSync(new URL("../../shared/reference", import.meta.url));

/** @typedef {{ status: string, fullName: string, failureMessages?: string[] }} Test */
/** @typedef {{ name: string, status: string, message?: string, assertionResults: Test[] }} File */

/** @param {string} name */
function read(name) {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return "";
  }
}

/** A command that failed without naming what failed (set-up, build, crash), or that ran nothing, counts as one failure.
 * @param {string} name @param {number} passed @param {number} failed */
function withStatus(name, passed, failed) {
  const silent = failed === 0 && (read(`${name}.status`).trim() !== "0" || passed === 0);
  if (silent) console.log(`${name}: ${passed === 0 ? "ran nothing" : "failed"}`);
  return { passed, failed: failed + (silent ? 1 : 0) };
}

/** @param {string | undefined} message */
const firstLines = (message = "") => message.split("\n").slice(0, 6).join("\n  ");

/** @param {string} name */
function countRun(name) {
  const text = read(`${name}.json`);
  /** @type {{ testResults: File[] }} */
  const { testResults } = text === "" ? { testResults: [] } : JSON.parse(text);
  const tests = testResults.flatMap((file) => file.assertionResults);
  // A file that fails before its first test (an import error) has no failed test of its own: it counts as one.
  const broken = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  for (const file of broken) console.log(`${name}: failed: ${file.name}: ${firstLines(file.message)}`);
  for (const test of tests.filter(({ status }) => status === "failed")) {
    console.log(`${name}: failed: ${test.fullName}: ${firstLines(test.failureMessages?.[0])}`);
  }
  const skipped = testResults
    .filter((file) => mustRun.test(file.name))
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status !== "passed" && test.status !== "failed")
    .filter((test) => hasReferences || !needsReferences.test(test.fullName));
  for (const test of skipped) console.log(`${name}: skipped, but must run here: ${test.fullName}`);
  return withStatus(
    name,
    tests.filter((test) => test.status === "passed").length,
    tests.filter((test) => test.status === "failed").length + broken.length + skipped.length,
  );
}

function countChecks() {
  const lines = read("check.txt").split("\n");
  return withStatus(
    "check",
    lines.filter((line) => /^check \w+: passed$/.test(line)).length,
    lines.filter((line) => /^check \w+: failed$/.test(line)).length,
  );
}

const counts = [...runs.map(countRun), countChecks()];
const passed = counts.reduce((total, count) => total + count.passed, 0);
const failed = counts.reduce((total, count) => total + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
