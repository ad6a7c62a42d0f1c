/** The session in the README of the command works as it is written: files, commands, and what they print. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { execute } from "../process/execute.js";
import { adjoint } from "./command.js";

const readme = readFileSync(new URL("../../packages/cli/README.md", import.meta.url), "utf8");

/** Blocks of code with a language and what stands after it. */
function blocks(language: string): (readonly [info: string, text: string])[] {
  const found = readme.matchAll(new RegExp(`^\`\`\`${language}(?: (\\S+))?\\n(.*?)^\`\`\``, "gms"));
  return [...found].map(([, info = "", text = ""]) => [info, text]);
}

/** Commands with the lines that they are said to print. */
function session(): { readonly command: string; readonly printed: readonly string[] }[] {
  const [[, text] = ["", ""]] = blocks("console");
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...printed] = part.trimEnd().split("\n");
      return { command, printed };
    });
}

/** Whether lines are those expected, where … stands for any number of lines. */
function matches(lines: readonly string[], expected: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return lines.length === 0;
  if (first !== "…") return lines[0] === first && matches(lines.slice(1), rest);
  return lines.some((_, k) => matches(lines.slice(k), rest)) || matches([], rest);
}

it("works as it is written", { timeout: 120_000 }, async () => {
  // Beside this file, so that packages resolve as they do for whoever has installed them.
  const folder = mkdtempSync(fileURLToPath(new URL("session-", import.meta.url)));
  const before = process.cwd();
  process.chdir(folder);
  try {
    for (const [name, text] of [...blocks("text"), ...blocks("js")]) writeFileSync(join(folder, name), text);
    const commands = session();
    expect(commands.length).toBeGreaterThan(8);
    for (const { command, printed } of commands) {
      const [program = "", ...args] = command.split(" ");
      if (program === "node") {
        await execute(process.execPath, args, folder);
        continue;
      }
      expect(program).toBe("adjoint");
      const { status, stdout, stderr } = await adjoint(args);
      expect([command, status]).toEqual([command, 0]);
      const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
      const wanted = printed.filter((line) => line !== "");
      expect(matches(lines, wanted), `${command}\n${stdout}${stderr}`).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(
      [
        "adjoint.json",
        "examples.mjs",
        "examples.safetensors",
        "network.ir",
        "network.svg",
        "report.html",
        "run",
      ].sort(),
    );
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
});
