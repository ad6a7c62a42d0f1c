/** Training that is killed at random instants, again and again, loses no checkpoint and ends with the bits of an unbroken run. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checkpointName, loadCheckpoint } from "@adjoint/interchange";
import { nodeFolder } from "@adjoint/interchange/node";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("train.mjs", import.meta.url));
const steps = 60;

/** When to kill: so many milliseconds after the first new checkpoint, or as soon as a file is being written. */
type Kill = number | "while writing";

/** Runs the script to its end, or kills it; whether it ended. */
function train(path: string, kill?: Kill): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, path, String(steps)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const before = contents(path);
    const isDue = (): boolean => {
      if (kill === "while writing") return names(path).some((name) => name.includes(`.${child.pid ?? 0}-`));
      return kill !== undefined && contents(path) !== before;
    };
    const timer = setInterval(() => {
      if (!isDue()) return;
      clearInterval(timer);
      if (kill === "while writing") child.kill("SIGKILL");
      else setTimeout(() => child.kill("SIGKILL"), kill);
    }, 1);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(timer);
      if (code === 0 || signal === "SIGKILL") resolve(code === 0);
      else reject(new Error(`ended with ${code ?? signal}`));
    });
  });
}

function names(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

/** What changes with every checkpoint. */
function contents(path: string): string {
  try {
    return readFileSync(join(path, checkpointName)).subarray(0, 400).toString();
  } catch {
    return "";
  }
}

it("is never lost, and goes on with the same bits", { timeout: 120_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "killed-"));
  const [broken, whole] = [join(root, "broken"), join(root, "whole")];
  try {
    const reached: number[] = [];
    let unfinished = 0;
    for (let k = 0; k < 12; k++) {
      const kill = k % 2 === 0 ? Math.random() * 30 : "while writing";
      if (await train(broken, kill)) break;
      const checkpoint = await loadCheckpoint(nodeFolder(broken));
      reached.push(checkpoint?.step ?? -1);
      if (names(broken).length > 1) unfinished += 1;
    }
    expect(reached.length).toBeGreaterThan(3);
    expect(reached[0]).toBeGreaterThan(0);
    expect(reached).toEqual([...reached].sort((a, b) => a - b));
    expect(unfinished).toBeGreaterThan(0);
    expect(await train(broken)).toBe(true);
    expect(await train(whole)).toBe(true);
    expect((await loadCheckpoint(nodeFolder(broken)))?.step).toBe(steps);
    const last = (path: string): Buffer => readFileSync(join(path, checkpointName));
    expect(Buffer.compare(last(broken), last(whole))).toBe(0);
    expect(names(whole)).toEqual([checkpointName]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
