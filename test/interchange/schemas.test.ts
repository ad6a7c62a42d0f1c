/** The published schemas of plans and checkpoints: they take what is written, and refuse what readers refuse. */

import { readFileSync } from "node:fs";
import { checkpointChunks, type StoredTensor } from "@adjoint/interchange";
import { plan, planFromJson, planToJson, reference } from "@adjoint/scheduler";
import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { trainingGraph } from "../checkpoint/training.js";
import { gpt, lenet, withGradients } from "./networks.js";

const { target } = reference();

function problemsOf(name: string): (json: unknown) => string[] {
  const url = new URL(`../../packages/interchange/${name}.schema.json`, import.meta.url);
  const schema: Schema = JSON.parse(readFileSync(url, "utf8"));
  const validator = new Validator(schema, "2020-12", false);
  return (json) =>
    validator
      .validate(JSON.parse(JSON.stringify(json)))
      .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

interface Fields {
  readonly [name: string]: unknown;
}

/** The plan's JSON with the first entry of a list replaced. */
function edited(json: Fields, list: string, change: (entry: Fields) => unknown): Fields {
  const entries = json[list];
  if (!Array.isArray(entries)) throw new Error(`a plan has a list ${list}`);
  return { ...json, [list]: [change(entries[0]), ...entries.slice(1)] };
}

describe("plans", () => {
  const problems = problemsOf("plan");
  const json: Fields = JSON.parse(planToJson(plan(trainingGraph(), { target })));

  it.each([
    ["regression, trained", trainingGraph()],
    ["lenet", withGradients(lenet())],
    // Gathers and scatters: addresses that are computed.
    ["gpt", withGradients(gpt(1))],
  ])("%s: what is written is accepted", (_, program) => {
    expect(problems(JSON.parse(planToJson(plan(program, { target }))))).toEqual([]);
  });

  it("accepts a plan within a budget, and fields of later releases", () => {
    const { memory } = plan(trainingGraph(), { target });
    const within = plan(trainingGraph(), { target, memoryBudget: memory.arenaBytes });
    expect(problems(JSON.parse(planToJson(within)))).toEqual([]);
    expect(problems({ ...edited(json, "steps", (step) => ({ ...step, later: 1 })), later: {} })).toEqual([]);
  });

  it.each([
    ["another version", { ...json, version: 1 }],
    ["no steps", { ...json, steps: undefined }],
    ["a phase that there is not", edited(json, "steps", (step) => ({ ...step, phase: "sideways" }))],
    ["half a byte", edited(json, "buffers", (buffer) => ({ ...buffer, bytes: 0.5 }))],
    ["another space", edited(json, "buffers", (buffer) => ({ ...buffer, space: "cloud" }))],
    [
      "a parameter without its initial value",
      edited(json, "parameters", ({ initializer: _, ...slot }) => slot),
    ],
    ["a kernel without stages", edited(json, "kernels", (kernel) => ({ ...kernel, stages: undefined }))],
    [
      "a scalar without a dtype",
      edited(json, "kernels", (kernel) =>
        edited(kernel, "stages", (stage) => edited(stage, "scalars", () => ["constant", "number", 1])),
      ),
    ],
    [
      "a store by a combination that there is not",
      edited(json, "kernels", (kernel) =>
        edited(kernel, "stages", (stage) =>
          edited(stage, "stores", (store) => ({ ...store, combine: "xor" })),
        ),
      ),
    ],
  ])("refuses %s, as the reader does", (_, wrong) => {
    expect(problems(wrong)).not.toEqual([]);
    expect(() => planFromJson(JSON.stringify(wrong))).toThrow();
  });
});

it("accepts the header of a checkpoint, and none without its step", async () => {
  const program = trainingGraph();
  const planned = plan(program, { target });
  const parameters = new Map(
    planned.parameters.map(({ name, dtype, shape }): [string, StoredTensor] => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [
        name,
        {
          dtype: dtype === "int32" ? "int32" : "float32",
          shape,
          data: dtype === "int32" ? new Int32Array(size) : new Float32Array(size),
        },
      ];
    }),
  );
  const parts: Uint8Array[] = [];
  const saved = { graph: program, plan: planned, parameters, step: 3, notes: { seed: "7" } };
  for await (const chunk of checkpointChunks(saved)) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const header: Fields = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
  const problems = problemsOf("checkpoint");
  expect(problems(header)).toEqual([]);
  expect(problems({ ...header, __metadata__: { format: "adjoint.checkpoint", version: "1" } })).not.toEqual(
    [],
  );
  expect(problems({ ...header, "adjoint/plan.json": undefined })).not.toEqual([]);
});

it("has one description for what graphs and plans share", () => {
  const read = (name: string): { $defs: Fields } =>
    JSON.parse(
      readFileSync(new URL(`../../packages/interchange/${name}.schema.json`, import.meta.url), "utf8"),
    );
  const [ofGraph, ofPlan] = [read("graph").$defs, read("plan").$defs];
  for (const name of ["dtype", "shape", "number", "initializer"]) expect(ofPlan[name]).toEqual(ofGraph[name]);
});
