// Runs a command to its end for a test; a failure is an error that carries all that the command printed.

import { spawn } from "node:child_process";
import process from "node:process";

/** What `npm test` sets for its own scripts would make an inner npm work on this repository. */
function environment(): NodeJS.ProcessEnv {
  const outer = /^npm_(package|lifecycle|config_(local_prefix|prefix)$|command$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

/** Resolves to the standard output. Rejects when the command cannot start or its exit status is not 0. */
export function execute(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32" && command !== process.execPath,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else {
        const line = [command, ...args].join(" ");
        reject(new Error(`\`${line}\` ended with ${signal ?? code}\n${stdout}\n${stderr}`));
      }
    });
  });
}
