/** What users get wrong about memory is refused by a typed error that names it and says what to do. */

import {
  AdjointError,
  exp,
  type Graph,
  graph,
  input,
  MemoryBudgetError,
  matmul,
  parameter,
  sum,
} from "@adjoint/core";
import {
  assignOffsets,
  budgetCurve,
  compile,
  drawBudgetCurve,
  drawMemory,
  gradient,
  MemoryInputError,
  MicroBatchError,
  orderOperations,
  parseBytes,
  plan,
  reference,
  rematerialize,
  replaySchedule,
  sgd,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";

const backend = reference();
const { target } = backend;

function program() {
  const W = parameter("W", [4, 4]);
  const J = sum(exp(matmul(exp(matmul(input("x", [8, 4]), W)), W)));
  return graph({ outputs: { J }, updates: sgd([[W, gradient(J, [W])[0]]], { learningRate: 0.1 }) });
}

const forward = graph({ outputs: { y: exp(input("x", [8])) } });

/** Calls with arguments that types forbid, as JavaScript does. */
function given<T>(options: unknown): T;
function given(options: unknown): unknown {
  return options;
}

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return expect.fail("nothing was refused");
}

describe("plan", () => {
  it.each([Number.NaN, -1, "lots", "-1", Number.POSITIVE_INFINITY, null, [], [5], true])(
    "refuses a budget of %s",
    (memoryBudget) => {
      const error = caught(() => plan(program(), given({ target, memoryBudget })));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({
        address: "memoryBudget",
        message: expect.stringMatching(/^memoryBudget is .*give bytes, or a text like "64 MiB"/),
      });
      expect(String(error)).toContain(Number.isNaN(memoryBudget) ? "NaN" : "is ");
    },
  );

  it("reads a budget with its unit", () => {
    expect(plan(program(), { target, memoryBudget: "64 MiB" }).memory.budgetBytes).toBe(64 * 2 ** 20);
    expect(() => plan(program(), { target, memoryBudget: "8 B" })).toThrow(MemoryBudgetError);
    expect(parseBytes("1.5GB", "budget")).toBe(1.5e9);
    expect(parseBytes(0, "budget")).toBe(0);
  });

  it.each([-1, Number.NaN, "2", Number.POSITIVE_INFINITY, null])(
    "refuses a planning time of %s, also where it is divided",
    async (planningTime) => {
      const error = caught(() => plan(program(), given({ target, planningTime })));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ address: "planningTime" });
      const dividing = { backend, microBatches: "auto", memoryBudget: "64 MiB" } as const;
      await expect(compile(program(), { ...dividing, ...given({ planningTime }) })).rejects.toMatchObject({
        address: "planningTime",
      });
    },
  );
});

describe("budgetCurve", () => {
  it.each([Number.NaN, 1, 0, 2.5, "4"])("refuses %s points", (points) => {
    const error = caught(() => budgetCurve(program(), given({ target, points })));
    expect(error).toBeInstanceOf(MemoryInputError);
    expect(error).toMatchObject({ address: "points" });
  });
});

describe("compile", () => {
  it.each([0, "many", 1.5, Number.NaN, null])(
    "refuses %s micro-batches, also where nothing would be divided",
    async (microBatches) => {
      for (const declared of [program(), forward]) {
        const graphs: Graph = declared;
        const work = compile(graphs, given({ backend, microBatches }));
        await expect(work).rejects.toThrow(MicroBatchError);
        await expect(work).rejects.toThrow(/microBatches must be a positive integer or "auto"/);
      }
    },
  );

  it("says which program of several is at fault", async () => {
    const work = compile({ forward, train: program() }, { backend, memoryBudget: "64 B" });
    await expect(work).rejects.toThrow(MemoryBudgetError);
    await expect(work).rejects.toThrow(/^train: a memory budget of 64/);
  });
});

const operations = [
  { inputs: [], outputs: [0], cost: 1 },
  { inputs: [0], outputs: [1], cost: 1 },
];
const values = [{ size: 8 }, { size: 8 }];
const schedule = [
  { kind: "run", operation: 0 },
  { kind: "run", operation: 1 },
  { kind: "free", value: 0 },
  { kind: "free", value: 1 },
];
const budget = 16;

describe("plain data", () => {
  it.each([
    ["assignOffsets", assignOffsets, {}, "buffers"],
    ["assignOffsets", assignOffsets, { buffers: 5 }, "buffers"],
    ["assignOffsets", assignOffsets, { buffers: [null] }, "buffers[0].size"],
    ["assignOffsets", assignOffsets, { buffers: [{ lower: 0, upper: 1, size: "8" }] }, "buffers[0].size"],
    ["assignOffsets", assignOffsets, { buffers: [], capacity: "8" }, "capacity"],
    ["assignOffsets", assignOffsets, { buffers: [], timeLimit: "2" }, "timeLimit"],
    ["assignOffsets", assignOffsets, { buffers: [], alignment: "8" }, "alignment"],
    ["orderOperations", orderOperations, {}, "operations"],
    ["orderOperations", orderOperations, { operations }, "values"],
    ["orderOperations", orderOperations, { operations, values: "two" }, "values"],
    ["orderOperations", orderOperations, { operations, values, keep: 5 }, "keep"],
    ["orderOperations", orderOperations, { operations, values, keep: ["0"] }, "keep[0]"],
    ["orderOperations", orderOperations, { operations, values, order: 5 }, "order"],
    ["orderOperations", orderOperations, { operations, values, order: ["0", "1"] }, "order[0]"],
    ["orderOperations", orderOperations, { operations, values, seed: "1" }, "seed"],
    ["orderOperations", orderOperations, { operations, values, timeLimit: -1 }, "timeLimit"],
    ["orderOperations", orderOperations, { operations, values: [{ size: "8" }, null] }, "values[0].size"],
    ["orderOperations", orderOperations, { operations: [null], values }, "operations[0].outputs"],
    ["orderOperations", orderOperations, { operations: [{ outputs: [] }], values }, "operations[0].inputs"],
    [
      "orderOperations",
      orderOperations,
      { operations: [{ inputs: [], outputs: [], overwrites: 5 }], values },
      "operations[0].overwrites",
    ],
    [
      "orderOperations",
      orderOperations,
      { operations: [{ inputs: [], outputs: [], closes: {} }], values },
      "operations[0].closes",
    ],
    ["rematerialize", rematerialize, { operations, values }, "budget"],
    ["rematerialize", rematerialize, { operations, values, budget: "16" }, "budget"],
    ["rematerialize", rematerialize, { operations, values, budget: Number.NaN }, "budget"],
    [
      "rematerialize",
      rematerialize,
      { operations: [{ inputs: [], outputs: [0], cost: "1" }], values, budget },
      "operations[0].cost",
    ],
    ["replaySchedule", replaySchedule, {}, "operations"],
    ["replaySchedule", replaySchedule, { operations, schedule }, "values"],
    ["replaySchedule", replaySchedule, { operations, values }, "schedule"],
    ["replaySchedule", replaySchedule, { operations, values, schedule, keep: 5 }, "keep"],
    ["replaySchedule", replaySchedule, { operations, values, schedule: [null] }, "schedule[0]"],
    [
      "replaySchedule",
      replaySchedule,
      { operations, values, schedule: [{ kind: "stop" }] },
      "schedule[0].kind",
    ],
    [
      "replaySchedule",
      replaySchedule,
      { operations: [{ inputs: [9], outputs: [] }], values, schedule },
      "operations[0].inputs[0]",
    ],
    ["replaySchedule", replaySchedule, { operations, values: [{ size: "8" }], schedule }, "values[0].size"],
  ] as const)("%s names what is wrong", (_, work: (options: never) => unknown, options, address) => {
    const error = caught(() => work(given(options)));
    expect(error).toBeInstanceOf(MemoryInputError);
    expect(error).toMatchObject({ address, message: expect.stringMatching(/give|missing/) });
  });

  it("of a legal kind is accepted", () => {
    expect(replaySchedule(given({ operations, values, schedule }))).toEqual({ peak: 16, cost: 2 });
    expect(caught(() => rematerialize({ operations, values, budget: 8 }))).toBeInstanceOf(AdjointError);
  });
});

describe("what all planners take", () => {
  const sparse: unknown[] = [];
  sparse[1] = { inputs: [], outputs: [] };
  const one = { operations: [{ inputs: [], outputs: [0] }], values: [{ size: 1 }] };
  const huge = {
    ...one,
    operations: [{ inputs: [], outputs: [0], workspace: Number.MAX_SAFE_INTEGER, cost: 1 }],
  };
  const twice = [0, 1].map(() => ({ inputs: [], outputs: [0] }));

  it.each<[string, string, () => unknown]>([
    ["no options", "options", () => orderOperations(given(undefined))],
    ["null", "options", () => assignOffsets(given(null))],
    ["a gap in a list", "operations[0]", () => orderOperations(given({ ...one, operations: sparse }))],
    ["a signal that is none", "signal", () => orderOperations(given({ ...one, signal: {} }))],
    ["a listener that is none", "onProgress", () => assignOffsets(given({ buffers: [], onProgress: 3 }))],
    ["a listener of a plan", "onProgress", () => plan(program(), given({ target, onProgress: 3 }))],
    ["sums beyond 2^53", "operations[0].workspace", () => rematerialize({ ...huge, budget: 9 })],
    [
      "a value of two writers",
      "operations[1].outputs[0]",
      () => replaySchedule({ operations: twice, values: [{ size: 1 }], schedule: [] }),
    ],
    ["a drawing without room", "width", () => drawMemory(plan(program(), { target }), { width: 60 })],
    ["a drawing of no height", "height", () => drawBudgetCurve([], { height: Number.NaN })],
  ])("refuses %s", (_, address, work) => {
    const error = caught(work);
    expect(error).toBeInstanceOf(MemoryInputError);
    expect(error).toMatchObject({ address });
  });
});
