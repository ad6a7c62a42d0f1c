/** GradBench's cases through the tool: every answer against the expected one, and the protocol's messages. */

import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { cpu } from "@adjoint/backend-cpu";
import { problems } from "examples/gradbench/problems.js";
import { respond } from "examples/gradbench/protocol.js";
import { Tool } from "examples/gradbench/tool.js";
import { describe, expect, it } from "vitest";
import { sharedPath } from "./shared.js";

interface Case {
  readonly module: string;
  readonly function: string;
  readonly description: string;
  readonly input: unknown;
  readonly expected: unknown;
}

const folder = sharedPath("data/gradbench");

/** Sequences of more steps take long to plan; `check-gradbench.mjs` runs them. */
const long = /c256|c1024/;

function isCase(json: unknown): json is Case {
  return typeof json === "object" && json !== null && "function" in json && "expected" in json;
}

function casesOf(module: string): Case[] {
  const path = `${folder ?? ""}/${module}`;
  return readdirSync(path).flatMap((file) => {
    const json: unknown = JSON.parse(gunzipSync(readFileSync(`${path}/${file}`)).toString());
    return isCase(json) && !long.test(json.description) ? [json] : [];
  });
}

/** Numbers in the order of paths, which must be the same. */
function leaves(json: unknown, path = "", found = new Map<string, number>()): Map<string, number> {
  if (typeof json === "number") found.set(path, json);
  if (typeof json === "object" && json !== null) {
    for (const [name, part] of Object.entries(json)) leaves(part, `${path}.${name}`, found);
  }
  return found;
}

/** √Σ(a − b)² / √Σb². */
function relativeError(actual: unknown, expected: unknown): number {
  const [found, wanted] = [leaves(actual), leaves(expected)];
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
  let [difference, size] = [0, 0];
  for (const [path, value] of wanted) {
    difference += ((found.get(path) ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(size === 0 ? difference : difference / size);
}

describe.skipIf(folder === undefined)("GradBench", () => {
  const tool = new Tool(problems, cpu());

  it.each(Object.keys(problems))("%s", async (module) => {
    const cases = casesOf(module);
    expect(new Set(cases.map((entry) => entry.function))).toEqual(
      new Set(Object.keys(problems[module] ?? {})),
    );
    for (const { description, function: name, input, expected } of cases) {
      const { output } = await tool.evaluate(module, name, input);
      expect(relativeError(output, expected), `${name} ${description}`).toBeLessThan(1e-9);
    }
  });
});

describe("the tool", () => {
  const tool = new Tool(problems, cpu());
  const ask = (message: object) => respond(tool, JSON.stringify({ id: 7, ...message }));

  it("answers the messages of the protocol", async () => {
    expect(await ask({ kind: "start", eval: "lse" })).toEqual({ id: 7, tool: "adjoint" });
    expect(await ask({ kind: "define", module: "lse" })).toEqual({ id: 7, success: true });
    expect(await ask({ kind: "define", module: "lse2" })).toMatchObject({ id: 7, success: false });
    expect(await ask({ kind: "analysis", of: 1, valid: true })).toEqual({ id: 7 });
  });

  it("runs as often as asked, and compiles once per shape", async () => {
    const input = { x: [1, 2, 3], min_runs: 4, min_seconds: 0 };
    const response = await ask({ kind: "evaluate", module: "lse", function: "primal", input });
    expect(response).toMatchObject({ id: 7, success: true });
    expect(response["output"]).toBeCloseTo(3.40760596444438, 12);
    const names = JSON.stringify(response["timings"]).match(/evaluate/g);
    expect(names).toHaveLength(4);
  });

  it("says what it does not have or cannot use", async () => {
    const evaluate = (module: string, name: string, input: unknown) =>
      ask({ kind: "evaluate", module, function: name, input });
    const failed = { id: 7, success: false };
    expect(await evaluate("lse", "hessian", {})).toMatchObject({
      ...failed,
      error: "there is no function lse.hessian",
    });
    expect(await evaluate("lse", "primal", { x: [1, [2]] })).toMatchObject({
      ...failed,
      error: "input.x is ragged",
    });
    expect(await evaluate("lse", "primal", {})).toMatchObject({
      ...failed,
      error: "input.x must be made of numbers",
    });
    expect(await evaluate("det", "primal", { A: [1], ell: 3 })).toMatchObject({
      ...failed,
      error: /9 elements, not 1/,
    });
  });
});
