/**
 * Corrupt files of every kind are refused with a typed error or read: they never crash or hang the reader, and never make it take
 * memory that the file's size does not suggest.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { cpu } from "@adjoint/backend-cpu";
import { AdjointError, graphToJson, printGraph, sizeOf } from "@adjoint/core";
import {
  checkpointChunks,
  memoryFolder,
  readDocument,
  readParameters,
  writeSafetensors,
} from "@adjoint/interchange";
import { compile, type FeedData, load, type Plan, planFromJson, planToJson } from "@adjoint/scheduler";
import { afterAll, describe, expect, it } from "vitest";
import { trainingGraph } from "../checkpoint/training.js";
import { network } from "../core/programs.js";
import { execute } from "../process/execute.js";

const script = fileURLToPath(new URL("corrupt.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "corrupt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function writeGood(): Promise<void> {
  const graph = trainingGraph();
  const session = await compile(graph, { backend });
  const { plan } = session;
  const parameters = await readParameters(session, plan.parameters);
  await session.dispose();
  const save = memoryFolder();
  await save.write("c", checkpointChunks({ graph, plan, parameters, step: 12, notes: { seed: "1" } }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await save.read("c")) ?? []) chunks.push(chunk);
  writeFileSync(join(folder, "checkpoint.safetensors"), Buffer.concat(chunks));
  writeFileSync(join(folder, "graph.ir"), printGraph(network()));
  writeFileSync(join(folder, "graph.json"), JSON.stringify(graphToJson(network())));
  writeFileSync(join(folder, "plan.json"), planToJson(plan));
  writeFileSync(join(folder, "tensors.safetensors"), writeSafetensors(parameters, { made: "here" }));
}

const backend = cpu();

async function runWithZeros(plan: Plan): Promise<void> {
  const session = await load(plan, { backend });
  try {
    const feeds = plan.inputs.map(({ name, shape }): [string, FeedData] => [
      name,
      { shape, data: new Array<number>(sizeOf(shape)).fill(0) },
    ]);
    await session.run(Object.fromEntries(feeds));
  } finally {
    await session.dispose();
  }
}

interface Finding {
  readonly name: string;
  readonly kind: string;
  readonly refused: number;
  /** Milliseconds. */
  readonly slowest: number;
  /** MiB. */
  readonly grown: number;
}

it("reads or refuses, in a process with 48 MiB for objects", { timeout: 240_000 }, async () => {
  await writeGood();
  const count = 400;
  const flags = ["--max-old-space-size=48", "--stack-size=500"];
  const printed = await execute(
    process.execPath,
    [...flags, script, folder, String(count), process.env["SEED"] ?? "1"],
    folder,
  );
  const findings = printed
    .trimEnd()
    .split("\n")
    .map((line): Finding => JSON.parse(line));
  expect(findings.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
    "checkpoint.safetensors: checkpoint",
    "graph.ir: graph",
    "graph.json: graph",
    "plan.json: plan",
    "tensors.safetensors: tensors",
  ]);
  for (const { name, refused, grown } of findings) {
    expect(refused, name).toBeGreaterThan(count / 4);
    expect(grown, name).toBeLessThan(80);
  }
});

describe("files that promise more than they hold", () => {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);

  it("take no memory for shapes and constants", () => {
    const before = process.memoryUsage();
    const huge =
      "input x: float32[94906265, 94906265] parameter W: float32[94906265, 1] = 0 c = 1: float32[9007199254740991] r = iota(shape: [9007199254740991], axis: 0, dtype: float32): float32[9007199254740991]";
    for (let k = 0; k < 20; k++) {
      try {
        readDocument(text(`graph { ${huge} output x output W output c output r }`));
      } catch (error) {
        expect(error).toBeInstanceOf(AdjointError);
      }
    }
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(64e6);
  });

  it("are refused at any depth without recursion", () => {
    for (const opening of ["[", '{"nodes":[', '{"format":"adjoint.plan","kernels":[']) {
      const deep = opening.startsWith("[")
        ? `{"a":${opening.repeat(2e5)}${"]".repeat(2e5)}}`
        : opening.repeat(2e5);
      expect(() => readDocument(text(deep))).toThrow(AdjointError);
    }
    const deepPlan = `{"format":"adjoint.plan","version":2,"target":"cpu","parameters":${"[".repeat(1e5)}${"]".repeat(1e5)}}`;
    expect(() => planFromJson(deepPlan)).toThrow(AdjointError);
  });

  it("of plans never reach outside their buffers: a plan with any number replaced is refused, or runs", async () => {
    const session = await compile(trainingGraph(), { backend });
    const json = planToJson(session.plan);
    await session.dispose();
    const numbers = [...json.matchAll(/\d+/g)];
    let [refused, ran] = [0, 0];
    for (let k = 0; k < 300; k++) {
      const found = numbers[Math.floor((numbers.length * ((k * 0.6180339887498949) % 1)) % numbers.length)];
      if (found === undefined) continue;
      const put = ["0", "1", "2", "5", "12", "97", "999999", "2147483647"][k % 8] ?? "0";
      const changed = json.slice(0, found.index) + put + json.slice(found.index + found[0].length);
      try {
        await runWithZeros(planFromJson(changed));
        ran += 1;
      } catch (error) {
        if (!(error instanceof AdjointError)) throw error;
        refused += 1;
      }
    }
    expect(Math.min(refused, ran)).toBeGreaterThan(30);
  });

  it("of plans are refused when they are loaded, not by the engine", async () => {
    const session = await compile(trainingGraph(), { backend });
    const json = planToJson(session.plan);
    await session.dispose();
    const grown = json.replaceAll(/"bytes":\d+/g, '"bytes":9007199254740928');
    const attempt = async (): Promise<unknown> => {
      const loaded = await load(planFromJson(grown), { backend });
      return loaded.dispose();
    };
    await expect(attempt()).rejects.toThrow(AdjointError);
  });
});
