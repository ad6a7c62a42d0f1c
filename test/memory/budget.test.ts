// Programs under a memory budget: the plan fits or says why not, computes the same bits, and holds the memory it states.

import { cpu } from "@adjoint/backend-cpu";
import {
  type Graph,
  graph,
  input,
  MemoryBudgetError,
  matmul,
  mean,
  parameter,
  relu,
  square,
} from "@adjoint/core";
import {
  budgetCurve,
  compile,
  drawBudgetCurve,
  footprint,
  gradient,
  MemoryInputError,
  memoryReport,
  plan,
  planFromJson,
  planToJson,
  sgd,
  verifyPlan,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { feedsOf, models } from "../micro-batches/models.js";

const backend = cpu({ threads: 1 });
const { target } = backend;

/** Sixteen square layers: activations of a large batch, of which recomputation can drop any. */
function deep(batch = 256): Graph {
  const weights = Array.from({ length: 16 }, (_, k) => parameter(`W${k}`, [16, 16]));
  const o = weights.reduce((h, W) => relu(matmul(h, W)), input("x", [batch, 16]));
  const slopes = gradient(mean(square(o)), weights);
  const pairs = weights.map((W, k) => [W, slopes[k] ?? W] as const);
  return graph({ outputs: { J: mean(square(o)) }, updates: sgd(pairs, { learningRate: 0.1 }) });
}

const programs: Readonly<Record<string, Graph>> = {
  ...Object.fromEntries(Object.entries(models).map(([name, { declare }]) => [name, declare("float32")])),
  "sixteen layers": deep(),
};

/** What two steps give, parameters included. */
async function resultsOf(name: string, program: Graph, memoryBudget?: number): Promise<number[][]> {
  const session = await compile(program, {
    backend,
    verify: true,
    ...(memoryBudget === undefined ? {} : { memoryBudget }),
  });
  if (memoryBudget !== undefined) expect(session.plan.memory.arenaBytes).toBeLessThanOrEqual(memoryBudget);
  const feeds = Object.fromEntries(
    program.inputs.map((node) => {
      const data = feedsOf(name, program)[String(node.attributes["name"])] ?? [];
      return [
        String(node.attributes["name"]),
        node.dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data),
      ];
    }),
  );
  const results: number[][] = [];
  for (let step = 0; step < 2; step++) {
    for (const { data } of Object.values(await session.run(feeds))) results.push([...data].map(Number));
  }
  for (const { name: slot } of session.plan.parameters) {
    results.push([...(await session.read(slot)).data].map(Number));
  }
  await session.dispose();
  return results;
}

describe.each(Object.entries(programs))("%s", (name, program) => {
  const free = plan(program, { target });
  let unlimited: Promise<number[][]> | undefined;

  it.each([0.75, 0.5, 0.35])(
    "at %d of what it would take",
    async (share) => {
      const budget = Math.floor(share * free.memory.arenaBytes);
      try {
        const fitted = await resultsOf(name, program, budget);
        unlimited ??= resultsOf(name, program);
        expect(fitted).toEqual(await unlimited);
      } catch (error) {
        if (!(error instanceof MemoryBudgetError)) throw error;
        expect(error.budget).toBe(budget);
        expect(error.smallest).toBeGreaterThan(budget);
        expect(error.lowerBound).toBeLessThanOrEqual(error.smallest);
        const live = error.witness.live.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(live).toBeLessThanOrEqual(error.smallest);
        expect(live).toBeGreaterThan(0);
        const enough = plan(program, { target, memoryBudget: error.smallest, verify: true });
        expect(enough.memory.arenaBytes).toBeLessThanOrEqual(error.smallest);
      }
    },
    120_000,
  );
});

describe("a budget", () => {
  it("fits sixteen layers into a third of their memory, and says what is computed again", () => {
    const free = plan(deep(), { target, verify: true });
    const memoryBudget = Math.floor(free.memory.arenaBytes / 3);
    const { memory, steps } = plan(deep(), { target, memoryBudget, verify: true });
    expect(memory.arenaBytes).toBeLessThanOrEqual(memoryBudget);
    expect(memory.budgetBytes).toBe(memoryBudget);
    expect(memory.recomputed.length).toBe(steps.filter(({ phase }) => phase === "recompute").length);
    expect(memory.recomputed.length).toBeGreaterThan(3);
    expect(memory.flops - memory.recomputedFlops).toBe(free.memory.flops - free.memory.recomputedFlops);
    expect(memory.leastRecomputedFlops).toBeGreaterThan(0);
    expect(memory.recomputationGap).toBe(memory.recomputedFlops - memory.leastRecomputedFlops);
  });

  it("is kept by the plan that is saved, and by the memory of the engine", async () => {
    const made = plan(deep(), { target, memoryBudget: 100_000 });
    expect(planFromJson(planToJson(made))).toEqual(made);
    verifyPlan(made);
    const executable = await backend.load(new Map([["program", made]]));
    const { parameterBytes, inputBytes, constantBytes, arenaBytes } = made.memory;
    expect(executable.bytes - executable.scratchBytes).toBe(
      parameterBytes + inputBytes + constantBytes + arenaBytes,
    );
    await executable.dispose();
    expect(() => verifyPlan({ ...made, memory: { ...made.memory, budgetBytes: 10 } })).toThrow(
      /budget of 10/,
    );
  });

  it("is read with its unit", async () => {
    const session = await compile(deep(), { backend, memoryBudget: "100 kB" });
    expect(session.plan.memory.budgetBytes).toBe(100_000);
    await session.dispose();
    await expect(compile(deep(), { backend, memoryBudget: "much" })).rejects.toThrow(MemoryInputError);
    await expect(compile(deep(), { backend, memoryBudget: -1 })).rejects.toThrow(/memoryBudget is -1/);
  });

  it("is met with micro-batches where recomputation is not enough", async () => {
    const memoryBudget = 40_000;
    expect(() => plan(deep(), { target, memoryBudget })).toThrow(MemoryBudgetError);
    const counts: number[] = [];
    const session = await compile(deep(), {
      backend,
      memoryBudget,
      microBatches: "auto",
      onEvent: (event) => event.type === "planned" && counts.push(event.microBatches),
    });
    expect(session.plan.memory.arenaBytes).toBeLessThanOrEqual(memoryBudget);
    expect(counts[0]).toBeGreaterThan(1);
    await session.dispose();
  });

  it("stops planning when it is aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(compile(deep(), { backend, memoryBudget: 100_000, signal })).rejects.toThrow("enough");
  });
});

describe("reports", () => {
  it("set inference beside training", () => {
    const text = memoryReport(footprint(deep(), { target }));
    expect(text.split("\n")[0]).toMatch(/inference +training/);
    expect(text).toMatch(/of which recomputed/);
  });

  it("draw what budgets cost: the less memory, the more is computed again", () => {
    const points = budgetCurve(deep(), { target, points: 4 });
    expect(points.length).toBe(4);
    expect(points.at(-1)?.overhead).toBe(0);
    for (const { budgetBytes, arenaBytes = Infinity, overhead = 0, leastOverhead = 0 } of points.slice(1)) {
      expect(arenaBytes).toBeLessThanOrEqual(budgetBytes);
      expect(leastOverhead).toBeLessThanOrEqual(overhead);
    }
    expect(points[1]?.overhead).toBeGreaterThan(0);
    expect(drawBudgetCurve(points)).toContain("</svg>");
  });
});
