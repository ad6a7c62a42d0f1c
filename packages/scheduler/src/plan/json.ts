/** Plans as JSON: saved, loaded and run without planning again. It refuses what it cannot understand. */

import { isDType, isInitializer, VerificationError } from "@adjoint/core";
import { decodeKernel, decodeNumber, encodeKernel, encodeNumber } from "@adjoint/core/kernel";
import type { ConstantData, ParameterSlot, Phase, Plan, PlanBuffer, PlanMemory, PlanStep, Space, TensorSlot } from "./plan.js";
import { verifyPlan } from "./verify.js";

/** One line of JSON; equal plans give equal text. */
export function planToJson(plan: Plan): string {
  const constants = plan.constants.map((constant) => ({ ...constant, values: constant.values.map(encodeNumber) }));
  return JSON.stringify({ ...plan, constants, kernels: plan.kernels.map(encodeKernel) });
}

/**
 * Reads and replays a saved plan. Unknown fields are ignored.
 * @throws VerificationError naming the entry that is malformed, a version this library does not know, or a plan that does not replay.
 */
export function planFromJson(text: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new VerificationError(`The plan is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const at = entry(json, "plan");
  if (at["format"] !== "adjoint.plan") return fail("plan.format", 'must be "adjoint.plan"');
  if (at["version"] !== 1) return fail("plan.version", "is not 1: this plan needs another release of Adjoint");
  const plan: Plan = {
    format: "adjoint.plan",
    version: 1,
    target: string(at["target"], "plan.target"),
    parameters: list(at["parameters"], "plan.parameters").map(parameter),
    inputs: list(at["inputs"], "plan.inputs").map((item, i) => slot(item, `plan.inputs[${i}]`)),
    outputs: list(at["outputs"], "plan.outputs").map((item, i) => slot(item, `plan.outputs[${i}]`)),
    constants: list(at["constants"], "plan.constants").map(constant),
    buffers: list(at["buffers"], "plan.buffers").map(buffer),
    kernels: list(at["kernels"], "plan.kernels").map((item, i) => decodeKernel(item, `plan.kernels[${i}]`)),
    steps: list(at["steps"], "plan.steps").map(step),
    memory: memory(at["memory"]),
  };
  verifyPlan(plan);
  return plan;
}

const spaces: readonly Space[] = ["parameter", "input", "constant", "arena"];
const phases: readonly Phase[] = ["forward", "backward", "update"];

function slot(item: unknown, path: string): TensorSlot {
  const { name, dtype, shape, buffer: index } = entry(item, path);
  if (!isDType(dtype)) return fail(`${path}.dtype`, "is no dtype");
  return {
    name: string(name, `${path}.name`),
    dtype,
    shape: list(shape, `${path}.shape`).map((extent) => natural(extent, `${path}.shape`)),
    buffer: natural(index, `${path}.buffer`),
  };
}

function parameter(item: unknown, index: number): ParameterSlot {
  const path = `plan.parameters[${index}]`;
  const { role, initializer } = entry(item, path);
  if (!isInitializer(initializer)) return fail(`${path}.initializer`, "is no initializer");
  if (role !== "weight" && role !== "state") return fail(`${path}.role`, "is neither weight nor state");
  return { ...slot(item, path), role, initializer };
}

function constant(item: unknown, index: number): ConstantData {
  const path = `plan.constants[${index}]`;
  const { buffer: at, dtype, values } = entry(item, path);
  if (!isDType(dtype)) return fail(`${path}.dtype`, "is no dtype");
  return {
    buffer: natural(at, `${path}.buffer`),
    dtype,
    values: list(values, `${path}.values`).map((value) => decodeNumber(value, `${path}.values`)),
  };
}

function buffer(item: unknown, index: number): PlanBuffer {
  const path = `plan.buffers[${index}]`;
  const at = entry(item, path);
  const space = spaces.find((candidate) => candidate === at["space"]);
  if (space === undefined) return fail(`${path}.space`, "is no space");
  return {
    space,
    offset: natural(at["offset"], `${path}.offset`),
    bytes: natural(at["bytes"], `${path}.bytes`),
    lower: natural(at["lower"], `${path}.lower`),
    upper: natural(at["upper"], `${path}.upper`),
    nodes: list(at["nodes"], `${path}.nodes`).map((name) => string(name, `${path}.nodes`)),
  };
}

function step(item: unknown, index: number): PlanStep {
  const path = `plan.steps[${index}]`;
  const at = entry(item, path);
  const phase = phases.find((candidate) => candidate === at["phase"]);
  if (phase === undefined) return fail(`${path}.phase`, "is no phase");
  return {
    kernel: natural(at["kernel"], `${path}.kernel`),
    buffers: list(at["buffers"], `${path}.buffers`).map((number) => natural(number, `${path}.buffers`)),
    phase,
    nodes: list(at["nodes"], `${path}.nodes`).map((name) => string(name, `${path}.nodes`)),
  };
}

function memory(item: unknown): PlanMemory {
  const at = entry(item, "plan.memory");
  const figure = (name: string): number => natural(at[name], `plan.memory.${name}`);
  return {
    parameterBytes: figure("parameterBytes"),
    stateBytes: figure("stateBytes"),
    inputBytes: figure("inputBytes"),
    constantBytes: figure("constantBytes"),
    arenaBytes: figure("arenaBytes"),
    maxLiveBytes: figure("maxLiveBytes"),
    peakStep: figure("peakStep"),
    retainedBytes: figure("retainedBytes"),
    retained: list(at["retained"], "plan.memory.retained").map((value, index) => {
      const { node, bytes } = entry(value, `plan.memory.retained[${index}]`);
      const path = `plan.memory.retained[${index}]`;
      return { node: string(node, path), bytes: natural(bytes, path) };
    }),
    flops: figure("flops"),
  };
}

function fail(path: string, problem: string): never {
  throw new VerificationError(`${path} ${problem}.`, path);
}

function entry(value: unknown, path: string): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, "is no object");
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "is no list");
}

function string(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "is no text");
}

function natural(value: unknown, path: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : fail(path, "is no whole number");
}
