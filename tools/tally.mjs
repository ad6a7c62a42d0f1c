// Counts what a test run (vitest's JSON report) and a check run (its printed lines) came to, and prints
// `N passed, N failed` as its only line. It refuses to call a run without tests a success.
// Usage: node tools/tally.mjs REPORT.json TEST_EXIT_STATUS CHECK_OUTPUT.txt CHECK_EXIT_STATUS

import { readFileSync } from "node:fs";
import process from "node:process";

const [reportPath = "", testStatus = "1", checkPath = "", checkStatus = "1"] = process.argv.slice(2);

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/**
 * A file that fails before its first test (an import error) has no failed test of its own: it counts as one.
 * @param {string} text
 */
function countTests(text) {
  if (text === "") return { passed: 0, failed: 0 };
  /** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */
  const { testResults } = JSON.parse(text);
  const tests = testResults.flatMap((file) => file.assertionResults);
  const broken = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: tests.filter((test) => test.status === "passed").length,
    failed: tests.filter((test) => test.status === "failed").length + broken.length,
  };
}

const tests = countTests(read(reportPath));
const lines = read(checkPath).split("\n");
const checks = {
  passed: lines.filter((line) => /^check \w+: passed$/.test(line)).length,
  failed: lines.filter((line) => /^check \w+: failed$/.test(line)).length,
};

// A command that failed without naming what failed (set-up, build, crash) counts as one.
const silentTests = tests.failed === 0 && (testStatus !== "0" || tests.passed === 0) ? 1 : 0;
const silentChecks = checks.failed === 0 && (checkStatus !== "0" || checks.passed === 0) ? 1 : 0;

const failed = tests.failed + checks.failed + silentTests + silentChecks;
console.log(`${tests.passed + checks.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
