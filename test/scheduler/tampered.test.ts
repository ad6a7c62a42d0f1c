/** No entry of a plan can be changed unseen: everything that follows from something else is computed again and compared. */

import { AdjointError, add, exp, type Graph, graph, input, matmul, parameter, sum } from "@adjoint/core";
import {
  gradient,
  type Plan,
  PlanError,
  plan,
  planFromJson,
  planToJson,
  reference,
  sgd,
  verifyPlan,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { models } from "../micro-batches/models.js";

const { target } = reference();

/** What nothing else in a plan tells: it is the program, or text for people. */
const given: readonly (readonly [RegExp, string])[] = [
  [/^target$/, "the name of a target"],
  [/^parameters\[\d+\]\.initializer/, "initial values"],
  [/^constants\[\d+\]\.values\[\d+\]$/, "constant values, though not how many there are"],
  [/^kernels\[\d+\]\.(axes|stages|aliases)/, "what a kernel computes"],
  [/^steps\[\d+\]\.nodes(\[[1-9]\d*\])?$/, "what a kernel evaluates on the way to what it stores"],
  [/^outputs\[\d+\]\.name$/, "what the user calls an output"],
  [/^memory\.budgetBytes$/, "the budget, as long as the arena is within it"],
];

/** Lists whose order says nothing; entries may not be lost or added. */
const unordered = /^(parameters|inputs|outputs|constants|kernels|(inputs|outputs|parameters)\[\d+\]\.shape)$/;

const choices: readonly (readonly string[])[] = [
  ["forward", "backward", "recompute", "update"],
  ["parameter", "input", "constant", "arena"],
  ["weight", "state"],
  ["read", "write", "update"],
  ["float32", "float64", "int32", "uint32", "bool"],
];

type Json = null | boolean | number | string | Json[] | { [field: string]: Json };

interface Tampering {
  readonly path: string;
  readonly from: Json;
  readonly to: Json;
}

/** Every other value that an entry is given: neighbors of numbers, other words, lists with something lost, added or swapped. */
function othersOf(value: Json, path: string): Json[] {
  if (typeof value === "number")
    return [value + 1, value - 1, value + 64, 0].filter((other) => other !== value);
  if (typeof value === "string") {
    const words = choices.filter((list) => list.includes(value)).flat();
    return [`${value}~`, ...words.filter((other) => other !== value)];
  }
  if (!Array.isArray(value) || value.length === 0) return [];
  const [first = null, second = null, ...rest] = value;
  const swapped =
    value.length > 1 && JSON.stringify(first) !== JSON.stringify(second) && !unordered.test(path);
  return [[], value.slice(1), [...value, first], ...(swapped ? [[second, first, ...rest]] : [])];
}

/** Visits every entry of a document, with a function that replaces it. */
function visit(
  value: Json,
  path: string,
  replace: (by: Json) => void,
  see: (entry: Json, path: string, replace: (by: Json) => void) => void,
): void {
  see(value, path, replace);
  if (typeof value !== "object" || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    const below = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const put = (by: Json): void => {
      if (Array.isArray(value)) value[Number(key)] = by;
      else value[key] = by;
    };
    visit(entry, below, put, see);
  }
}

function refusal(document: Json): unknown {
  try {
    planFromJson(JSON.stringify(document));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** All that is changed without being refused, and what is refused without saying where; of every so many entries. */
function unseen(made: Plan, every: number): Tampering[] {
  const document: Json = JSON.parse(planToJson(made));
  const found: Tampering[] = [];
  let seen = 0;
  visit(
    document,
    "",
    () => undefined,
    (entry, path, replace) => {
      if (given.some(([pattern]) => pattern.test(path)) || seen++ % every !== 0) return;
      for (const to of othersOf(entry, path)) {
        replace(to);
        const error = refusal(document);
        if (!(error instanceof AdjointError) || (error.address ?? "") === "")
          found.push({ path, from: entry, to });
      }
      replace(entry);
    },
  );
  return found;
}

/**
 * What says nothing else: an extent of a tensor without elements, the name of an update that nothing reads, and whether a
 * step is forward or backward whose result only the host reads, from values that are there anyway.
 */
function isVacant(made: Plan, { path, to }: Tampering): boolean {
  const [, list = "", index = ""] =
    /^(inputs|outputs|parameters)\[(\d+)\]\.shape(\[\d+\])?$/.exec(path) ?? [];
  const slots = list === "inputs" ? made.inputs : list === "outputs" ? made.outputs : made.parameters;
  if (list !== "") return slots[Number(index)]?.shape.includes(0) === true;
  const [, at = "", field = ""] = /^steps\[(\d+)\]\.(nodes\[0\]|phase)$/.exec(path) ?? [];
  const step = at === "" ? undefined : made.steps[Number(at)];
  if (step === undefined || made.steps.some(({ reads }) => reads.includes(step.nodes[0] ?? ""))) return false;
  if (field !== "phase") return step.phase === "update";
  return step.phase === "forward" && to === "backward";
}

function modelOf(name: string): Graph {
  const model = models[name];
  return model === undefined ? expect.fail(`there is no model "${name}"`) : model.declare("float32");
}

function textbook(): Graph {
  const x = input("x", [4, 3]);
  const W = parameter("W", [3, 5]);
  const V = parameter("V", [5, 2]);
  const J = sum(exp(matmul(exp(matmul(x, W)), V)));
  const [dW, dV] = gradient(J, [W, V]);
  return graph({ outputs: { J, dW, dV } });
}

/** Momentum and weights are overwritten in place, one read by the update of the other. */
function inPlace(): Graph {
  const x = input("x", [4, 4]);
  const W = parameter("W", [4, 4]);
  const V = parameter("V", [4, 4]);
  const J = sum(exp(matmul(exp(matmul(x, W)), V)));
  const [dW, dV] = gradient(J, [W, V]);
  return graph({
    outputs: { J },
    updates: sgd(
      [
        [W, dW],
        [V, dV],
      ],
      { learningRate: 0.1, momentum: 0.9 },
    ),
  });
}

function empty(): Graph {
  const x = input("x", [0, 3]);
  const w = parameter("w", [3, 2]);
  return graph({ outputs: { rows: exp(matmul(x, w)), total: add(sum(exp(matmul(x, w))), sum(w)) } });
}

/** Layers of which a budget makes some run again. */
function budgeted(): Plan {
  const weights = Array.from({ length: 6 }, (_, k) => parameter(`W${k}`, [4, 4]));
  const o = weights.reduce((h, W) => exp(matmul(h, W)), input("x", [64, 4]));
  const slopes = gradient(sum(o), weights);
  const pairs = weights.map((W, k) => [W, slopes[k] ?? W] as const);
  const program = graph({ outputs: { J: sum(o) }, updates: sgd(pairs, { learningRate: 0.1 }) });
  const free = plan(program, { target });
  const made = plan(program, { target, memoryBudget: Math.floor(0.6 * free.memory.arenaBytes) });
  expect(made.memory.recomputed.length).toBeGreaterThan(0);
  return made;
}

function gptInBudget(): Plan {
  const program = modelOf("GPT, AdamW, clipped");
  const free = plan(program, { target });
  return plan(program, { target, memoryBudget: Math.floor(0.8 * free.memory.arenaBytes) });
}

const plans: Readonly<Record<string, () => Plan>> = {
  textbook: () => plan(textbook(), { target }),
  "updates in place": () => plan(inPlace(), { target }),
  "tensors without elements": () => plan(empty(), { target }),
  "layers in a budget": budgeted,
  "a GPT block in a budget": gptInBudget,
  LeNet: () => plan(modelOf("LeNet, momentum"), { target }),
};

describe.each(Object.entries(plans))("a plan of %s", (_, make) => {
  const made = make();
  // Large plans are sampled: each entry costs a reading of the whole.
  const every = Math.ceil(made.steps.length / 12) ** 2;

  it("shows every change of an entry", () => {
    expect(unseen(made, every).filter((tampering) => !isVacant(made, tampering))).toEqual([]);
  }, 120_000);

  it("shows every read from another buffer, and every step that stores elsewhere", () => {
    for (const [at, step] of made.steps.entries()) {
      if (at % every !== 0) continue;
      for (const [position, bound] of step.buffers.entries()) {
        for (const buffer of made.buffers.keys()) {
          if (buffer === bound) continue;
          const buffers = step.buffers.map((other, where) => (where === position ? buffer : other));
          const steps = made.steps.map((other, where) => (where === at ? { ...step, buffers } : other));
          expect(
            () => verifyPlan({ ...made, steps }),
            `steps[${at}].buffers[${position}] = ${buffer}`,
          ).toThrow(PlanError);
        }
      }
    }
  }, 120_000);

  it("takes steps in another order only where neither has to do with the other", () => {
    for (const [at, step] of made.steps.entries()) {
      const next = made.steps[at + 1];
      if (next === undefined) continue;
      const steps = [...made.steps.slice(0, at), next, step, ...made.steps.slice(at + 2)];
      const stored = [step, next].map(({ buffers }) => buffers.at(-1) ?? -1);
      if (!step.buffers.includes(stored[1] ?? -1) && !next.buffers.includes(stored[0] ?? -1)) continue;
      expect(() => verifyPlan({ ...made, steps }), `steps ${at} and ${at + 1}`).toThrow(PlanError);
    }
  });
});
