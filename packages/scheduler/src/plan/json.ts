/** Plans as JSON: saved, loaded and run without planning again. It refuses what it cannot understand. */

import { parseJson } from "@adjoint/core";
import { decodeKernel, encodeKernel, json } from "@adjoint/core/kernel";
import {
  type ConstantData,
  type OutputSlot,
  type ParameterSlot,
  type Plan,
  type PlanBuffer,
  type PlanMemory,
  type PlanStep,
  phases,
  type TensorSlot,
} from "./plan.js";
import { verifyPlan } from "./verify/verify.js";

const { readChoice, readDType, readInitializer, readList, readNatural, readNumbers, readRecord, readString } =
  json;

/** One line of JSON; equal plans give equal text. */
export function planToJson(plan: Plan): string {
  return JSON.stringify({
    ...plan,
    parameters: plan.parameters.map((slot) => ({
      ...slot,
      initializer: json.writeInitializer(slot.initializer),
    })),
    constants: plan.constants.map((constant) => ({
      ...constant,
      values: constant.values.map(json.writeNumber),
    })),
    kernels: plan.kernels.map(encodeKernel),
  });
}

/**
 * Reads and replays a saved plan. Unknown fields are ignored.
 * @throws ParseError with the offset at which it is no JSON, the path of the entry that is malformed, or for a version this
 * library does not know;
 * PlanError for a plan that does not replay.
 */
export function planFromJson(text: string): Plan {
  const at = readRecord(parseJson(text), "plan");
  readChoice(["adjoint.plan"], at.get("format"), "plan.format");
  if (at.get("version") !== 2)
    json.refuse("version 2; another release of Adjoint wrote this", at.get("version"), "plan.version");
  const list = <T>(name: string, read: (value: unknown, path: string) => T): T[] =>
    readList(at.get(name), `plan.${name}`, read);
  const plan: Plan = {
    format: "adjoint.plan",
    version: 2,
    target: readString(at.get("target"), "plan.target"),
    alignment: readNatural(at.get("alignment"), "plan.alignment"),
    parameters: list("parameters", readParameter),
    inputs: list("inputs", readSlot),
    outputs: list("outputs", readOutput),
    constants: list("constants", readConstant),
    buffers: list("buffers", readBuffer),
    kernels: list("kernels", decodeKernel),
    steps: list("steps", readStep),
    memory: readMemory(at.get("memory"), "plan.memory"),
  };
  verifyPlan(plan);
  return plan;
}

function readSlot(value: unknown, path: string): TensorSlot {
  const at = readRecord(value, path);
  return {
    name: readString(at.get("name"), `${path}.name`),
    dtype: readDType(at.get("dtype"), `${path}.dtype`),
    shape: readList(at.get("shape"), `${path}.shape`, readNatural),
    buffer: readNatural(at.get("buffer"), `${path}.buffer`),
  };
}

function readOutput(value: unknown, path: string): OutputSlot {
  const at = readRecord(value, path);
  return { ...readSlot(value, path), node: readString(at.get("node"), `${path}.node`) };
}

function readParameter(value: unknown, path: string): ParameterSlot {
  const at = readRecord(value, path);
  return {
    ...readSlot(value, path),
    role: readChoice(["weight", "state"], at.get("role"), `${path}.role`),
    initializer: readInitializer(at.get("initializer"), `${path}.initializer`),
  };
}

function readConstant(value: unknown, path: string): ConstantData {
  const at = readRecord(value, path);
  return {
    buffer: readNatural(at.get("buffer"), `${path}.buffer`),
    dtype: readDType(at.get("dtype"), `${path}.dtype`),
    values: readNumbers(at.get("values"), `${path}.values`),
  };
}

function readBuffer(value: unknown, path: string): PlanBuffer {
  const at = readRecord(value, path);
  return {
    space: readChoice(["parameter", "input", "constant", "arena"], at.get("space"), `${path}.space`),
    offset: readNatural(at.get("offset"), `${path}.offset`),
    bytes: readNatural(at.get("bytes"), `${path}.bytes`),
    lower: readNatural(at.get("lower"), `${path}.lower`),
    upper: readNatural(at.get("upper"), `${path}.upper`),
    nodes: readList(at.get("nodes"), `${path}.nodes`, readString),
  };
}

function readStep(value: unknown, path: string): PlanStep {
  const at = readRecord(value, path);
  return {
    kernel: readNatural(at.get("kernel"), `${path}.kernel`),
    buffers: readList(at.get("buffers"), `${path}.buffers`, readNatural),
    reads: readList(at.get("reads"), `${path}.reads`, readString),
    phase: readChoice(phases, at.get("phase"), `${path}.phase`),
    nodes: readList(at.get("nodes"), `${path}.nodes`, readString),
  };
}

function readMemory(value: unknown, path: string): PlanMemory {
  const at = readRecord(value, path);
  const figure = (name: string): number => readNatural(at.get(name), `${path}.${name}`);
  return {
    parameterBytes: figure("parameterBytes"),
    stateBytes: figure("stateBytes"),
    inputBytes: figure("inputBytes"),
    constantBytes: figure("constantBytes"),
    arenaBytes: figure("arenaBytes"),
    maxLiveBytes: figure("maxLiveBytes"),
    peakStep: figure("peakStep"),
    retainedBytes: figure("retainedBytes"),
    retained: readList(at.get("retained"), `${path}.retained`, (entry, where) => {
      const kept = readRecord(entry, where);
      return {
        node: readString(kept.get("node"), `${where}.node`),
        bytes: readNatural(kept.get("bytes"), `${where}.bytes`),
      };
    }),
    flops: figure("flops"),
    recomputedFlops: figure("recomputedFlops"),
    recomputed: readList(at.get("recomputed"), `${path}.recomputed`, (entry, where) => {
      const again = readRecord(entry, where);
      return {
        node: readString(again.get("node"), `${where}.node`),
        bytes: readNatural(again.get("bytes"), `${where}.bytes`),
        flops: readNatural(again.get("flops"), `${where}.flops`),
      };
    }),
    budgetBytes: at.get("budgetBytes") === null ? null : figure("budgetBytes"),
    leastRecomputedFlops: figure("leastRecomputedFlops"),
    recomputationGap: figure("recomputationGap"),
  };
}
