/** The command line itself: help for every command, its version, exit statuses, pipes that close. */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { execute } from "../process/execute.js";
import { adjoint, bin, golden, printed, scratch, spawned } from "./command.js";
import { examples, trainingText } from "./network.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = ["inspect", "plan", "draw", "derive", "grad", "run", "train", "report", "check"];

describe("help", () => {
  it("lists every command and what the statuses mean", async () => {
    const text = await printed(["--help"]);
    for (const command of commands) expect(text).toMatch(new RegExp(`^ {2}${command} `, "m"));
    expect(text).toContain("Exit status: 0 done");
    for (const status of [1, 2, 70, 130, 143]) expect(text).toMatch(new RegExp(`[ ,\n]${status} \\w`));
    const without = await adjoint([]);
    expect([without.status, without.stdout]).toEqual([2, ""]);
    expect(without.stderr).toContain("Usage: adjoint");
  });

  it.each(commands)("explains the options of %s, --json among them", async (command) => {
    const text = await printed([command, "--help"]);
    expect(text).toMatch(new RegExp(`^Usage: adjoint ${command} `));
    expect(text).toMatch(/^ {2}--json {2}/m);
    // Every option is explained.
    expect(text.match(/^ {2}-.*\S$/gm)?.filter((line) => !/\S {2,}\S/.test(line.trim()))).toEqual([]);
  });

  it("prints the version", async () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(`${root}/packages/cli/package.json`, "utf8"),
    );
    expect(await printed(["--version"])).toBe(`${version}\n`);
  });
});

describe("a wrong command line ends with status 2 and one line", () => {
  it.each([
    [["paint"], "unknown command 'paint'; see adjoint --help"],
    [["inspct", "x"], "unknown command 'inspct' (Did you mean inspect?); see adjoint --help"],
    [["inspect"], "missing required argument 'FILE'; see adjoint inspect --help"],
    [
      ["inspect", "a", "b"],
      "too many arguments for 'inspect'. Expected 1 argument but got 2.; see adjoint inspect --help",
    ],
    [["draw", "a", "--colour"], "unknown option '--colour'; see adjoint draw --help"],
    [
      ["train", "a", "--epochs", "1"],
      "required option '--data <file>' not specified; see adjoint train --help",
    ],
    [
      ["grad", "a", "--order", "99999"],
      "option '--order <n>' argument '99999' is invalid. Expected a whole number from 1 to 8.; see adjoint grad --help",
    ],
    [["run", "a", "--feeds"], "option '--feeds <file>' argument missing; see adjoint run --help"],
  ])("%j", async (args, message) => {
    const { status, stdout, stderr } = await adjoint(args);
    expect([status, stdout, stderr]).toEqual([2, "", `adjoint: ${message}\n`]);
  });
});

describe("every command", () => {
  const folder = scratch();
  const data = join(folder, "examples.safetensors");
  writeFileSync(data, examples(8));
  const train = [
    "train",
    "-",
    "--data",
    data,
    "--epochs",
    "2",
    "--optimizer",
    "sgd",
    "--learning-rate",
    "0.1",
  ];

  it.each<readonly [readonly string[], RegExp]>([
    [["inspect", "-"], /^graph of 9 nodes/],
    [["plan", "-"], /arena/],
    [["draw", "-"], /^digraph/],
    [["derive", "-"], /^## Given/],
    [["grad", "-"], /output dW/],
    [["run", "-", "--feeds", data], /^J: /],
    [[...train, "--json"], /^\{"epoch":1,"step":1,"J":/],
    [["report", "-"], /^<!doctype html>/],
    [["check", "-", "--feeds", data], /^passed/],
  ])("%j reads standard input", async (args, expected) => {
    const { status, stdout, stderr } = await adjoint(args, trainingText);
    expect([status, stderr.replaceAll(/^epoch .*\n|^done: .*\n/gm, "")]).toEqual([0, ""]);
    expect(stdout).toMatch(expected);
  });

  const broken = "graph { input x: float99[2] }";
  const found =
    /^adjoint: standard input: line 1, column 18: expected a dtype .*, found "float99" \(at offset 17\)\n$/;

  it.each(commands)("%s refuses a broken file in one line", async (command) => {
    const args = command === "train" ? ["--data", data, "--epochs", "1"] : [];
    const { status, stdout, stderr } = await adjoint([command, "-", ...args], broken);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(found);
  });

  // A backend's threads must not keep the process.
  it("ends with its process, whether it went well or not", async () => {
    const [good, bad] = await Promise.all([
      spawned([...train, "--json"], { input: trainingText }),
      spawned(["run", "-"], { input: broken }),
    ]);
    expect([good.status, good.stdout.split("\n").length]).toEqual([0, 3]);
    expect([bad.status, bad.stdout]).toEqual([1, ""]);
    expect(bad.stderr).toMatch(found);
  });
});

describe("as processes of their own", () => {
  const file = `${golden}textbook.ir`;

  it("run from the root of the repository", { timeout: 120_000 }, async () => {
    expect(await execute("npm", ["run", "--silent", "adjoint", "--", "inspect", file], root)).toMatch(
      /^graph of 59 nodes/,
    );
    expect(await execute("npx", ["adjoint", "--version"], root)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("end quietly when whoever reads has seen enough", async () => {
    const child = spawn(process.execPath, [bin, "draw", file, "--format", "svg"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([status, stderr]).toEqual([0, ""]);
  });
});
