/** Schedules within a budget: as cheap as looking at all of them on small dataflows, never above the budget, bounds that hold. */

import { MemoryBudgetError } from "@adjoint/core";
import {
  MemoryInputError,
  orderOperations,
  type PlanningProgress,
  type RematerializationOptions,
  type RematerializationResult,
  rematerialize,
  replaySchedule,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import {
  generator,
  type Instance,
  layered,
  mixed,
  residualTraining,
  scattered,
  seriesParallel,
  sharedInstance,
  tree,
  uniformChain,
  updating,
} from "./dataflows.js";
import { leastBudget, leastCost } from "./exhaustive.js";

const once = ({ operations }: Instance): number => operations.reduce((sum, { cost }) => sum + cost, 0);

/** Legal, of the peak and the cost it claims, and within the budget. */
function expectHonest(instance: Instance, budget: number, result: RematerializationResult): void {
  const { peak, cost } = replaySchedule({ ...instance, schedule: result.schedule });
  expect(peak).toBe(result.peak);
  expect(cost).toBeCloseTo(result.cost, 9);
  expect(peak).toBeLessThanOrEqual(budget);
  expect(result.lowerBound).toBeLessThanOrEqual(result.cost);
  expect(result.overhead).toBeCloseTo(once(instance) === 0 ? 0 : result.cost / once(instance) - 1, 12);
}

/** The schedule, or the error where there is none. */
function attempt(options: RematerializationOptions): RematerializationResult | MemoryBudgetError {
  try {
    return rematerialize(options);
  } catch (error) {
    if (error instanceof MemoryBudgetError) return error;
    throw error;
  }
}

const families: Readonly<Record<string, (random: () => number) => Instance>> = {
  scattered: (random) => scattered(4 + Math.floor(4 * random()), 0.4, random),
  layered: (random) => layered(7, 2, random),
  joining: (random) => tree(7, "joining", random),
  branching: (random) => tree(7, "branching", random),
  "series-parallel": (random) => seriesParallel(7, random),
  training: (random) => ({
    ...uniformChain(4),
    values: Array.from({ length: 8 }, () => ({ size: 1 + Math.floor(5 * random()) })),
  }),
  mixed: (random) => mixed(6, random, 12),
  updating: (random) => updating(7, random),
};

describe("rematerialize", () => {
  it.each(Object.keys(families))("agrees with exhaustive search on small %s dataflows", (name) => {
    let [cheapest, proved, cases] = [0, 0, 0];
    for (let seed = 0; seed < 12; seed++) {
      const instance = families[name]?.(generator(seed)) ?? uniformChain(3);
      const { peak } = orderOperations(instance);
      const smallest = leastBudget(instance, 0, peak);
      for (const budget of new Set([smallest, Math.floor((smallest + peak) / 2), peak - 1, peak])) {
        if (budget < smallest) continue;
        const result = attempt({ ...instance, budget, timeLimit: 0.1 });
        if (result instanceof MemoryBudgetError) expect.fail(`seed ${seed}: nothing found within ${budget}`);
        expectHonest(instance, budget, result);
        const least = leastCost(instance, budget);
        expect(result.cost).toBeGreaterThanOrEqual(least);
        expect(result.lowerBound).toBeLessThanOrEqual(least);
        cases++;
        if (result.cost === least) cheapest++;
        if (result.lowerBound === result.cost) proved++;
      }
      if (smallest === 0) continue;
      const error = attempt({ ...instance, budget: smallest - 1, timeLimit: 0.1 });
      if (!(error instanceof MemoryBudgetError)) expect.fail(`seed ${seed}: ${smallest - 1} is too small`);
      expect(error.lowerBound).toBeLessThanOrEqual(smallest);
      expect(error.smallest).toBeGreaterThanOrEqual(smallest);
    }
    expect(cheapest).toBe(cases);
    expect(proved / cases).toBeGreaterThan(0.5);
  });

  it("checkpoints equal chains at the known optimum", () => {
    // What Griewank's binomial schedules cost for one forward step a link: l = 10 links in s units of memory.
    const instance = uniformChain(10);
    const costs = [5, 6, 7, 8, 9, 10].map((budget) => rematerialize({ ...instance, budget }).cost);
    for (const [index, cost] of costs.entries()) {
      expectHonest(instance, 5 + index, rematerialize({ ...instance, budget: 5 + index }));
      expect(cost).toBeLessThanOrEqual(costs[index - 1] ?? Number.POSITIVE_INFINITY);
    }
    expect(once(instance)).toBe(20);
  });

  it("fits tighter budgets at higher cost", () => {
    const instance = residualTraining(12, generator(5));
    const { peak } = orderOperations(instance);
    let before = once(instance);
    for (const share of [1, 0.9, 0.7, 0.5]) {
      const budget = Math.floor(share * peak);
      const result = rematerialize({ ...instance, budget, timeLimit: 0.1 });
      expectHonest(instance, budget, result);
      expect(result.lowerBound).toBeGreaterThanOrEqual(once(instance));
      expect(result.cost).toBeGreaterThanOrEqual(before);
      before = result.lowerBound;
    }
  });

  it("says the smallest budget found, the least possible and what is live at the peak", () => {
    const operations = [
      { inputs: [], outputs: [0], cost: 1 },
      { inputs: [0], outputs: [1], cost: 1, workspace: 2 },
    ];
    const error = attempt({ operations, values: [{ size: 5 }, { size: 3 }], budget: 9 });
    expect(error).toBeInstanceOf(MemoryBudgetError);
    expect(error).toMatchObject({ budget: 9, smallest: 10, lowerBound: 10 });
    expect(error).toMatchObject({
      witness: {
        operation: { label: "operations[1]", index: 1 },
        live: [
          { label: "values[0]", index: 0, bytes: 5 },
          { label: "values[1]", index: 1, bytes: 3 },
          { label: "workspace", index: undefined, bytes: 2 },
        ],
      },
    });
  });

  it("takes a given order where that fits", () => {
    const instance = layered(60, 5, generator(9));
    const order = [...instance.operations.keys()];
    const { schedule, overhead } = rematerialize({ ...instance, order, budget: 1e9 });
    expect(schedule.flatMap((step) => (step.kind === "run" ? [step.operation] : []))).toEqual(order);
    expect(overhead).toBe(0);
  });

  it("takes operations that cost nothing, and no operations at all", () => {
    const free = {
      ...uniformChain(8),
      operations: uniformChain(8).operations.map((o) => ({ ...o, cost: 0 })),
    };
    const result = rematerialize({ ...free, budget: 5 });
    expectHonest(free, 5, result);
    expect([result.cost, result.overhead, result.lowerBound]).toEqual([0, 0, 0]);
    expect(rematerialize({ operations: [], values: [], budget: 0 })).toEqual({
      schedule: [],
      peak: 0,
      cost: 0,
      overhead: 0,
      lowerBound: 0,
    });
  });

  it("is the same for the same seed", () => {
    const instance = layered(24, 4, generator(3));
    const budget = Math.floor(0.9 * orderOperations(instance).peak);
    const first = attempt({ ...instance, budget, seed: 3 });
    expect(attempt({ ...instance, budget, seed: 3 })).toEqual(first);
  });

  it("reports progress that never turns back, and stops when aborted", () => {
    const instance = residualTraining(10, generator(4));
    const budget = Math.floor(0.5 * orderOperations(instance).peak);
    const seen: PlanningProgress[] = [];
    const options = { ...instance, budget, timeLimit: 0.1 };
    const { cost } = rematerialize({ ...options, onProgress: (progress) => seen.push(progress) });
    const costs = seen.filter(({ objective }) => objective === "cost");
    expect(costs.length).toBeGreaterThan(1);
    for (const [index, { used }] of seen.entries()) {
      expect(used).toBeGreaterThanOrEqual(seen[index - 1]?.used ?? 0);
      expect(used).toBeLessThanOrEqual(1);
    }
    for (const [index, { best, lowerBound }] of costs.entries()) {
      const last = costs[index - 1] ?? { best: Number.POSITIVE_INFINITY, lowerBound: 0 };
      expect(best).toBeLessThanOrEqual(last.best);
      expect(best).toBeGreaterThanOrEqual(cost);
      expect(lowerBound).toBeGreaterThanOrEqual(last.lowerBound);
      expect(lowerBound).toBeLessThanOrEqual(cost);
    }
    const reason = new Error("enough");
    expect(() => rematerialize({ ...options, signal: AbortSignal.abort(reason) })).toThrow(reason);
    for (const objective of ["peak", "cost"]) {
      const control = new AbortController();
      const onProgress = (progress: PlanningProgress): void => {
        if (progress.objective === objective) control.abort(reason);
      };
      expect(() => rematerialize({ ...options, signal: control.signal, onProgress })).toThrow(reason);
    }
  });

  it("refuses what it cannot plan for, by item and field", () => {
    const good = { inputs: [], outputs: [0], cost: 1 };
    const values = [{ size: 1 }, { size: 2 }];
    const cases = [
      [{ ...good, outputs: [1], cost: -1 }, "cost"],
      [{ ...good, outputs: [1], cost: Number.NaN }, "cost"],
      [{ ...good, outputs: [1], cost: Number.POSITIVE_INFINITY }, "cost"],
      [{ ...good, outputs: [1], workspace: -1 }, "workspace"],
      [{ ...good, outputs: [2] }, "outputs[0]"],
      [{ ...good, outputs: [1], inputs: [-1] }, "inputs[0]"],
    ] as const;
    for (const [bad, field] of cases) {
      const error = caught(() => rematerialize({ operations: [good, bad], values, budget: 9 }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item: 1, field, address: `operations[1].${field}` });
    }
    for (const [option, field] of [
      [{ budget: -1 }, "budget"],
      [{ budget: Number.NaN }, "budget"],
      [{ timeLimit: -2 }, "timeLimit"],
      [{ order: [] }, "order"],
      [{ keep: [7] }, "keep[0]"],
    ] as const) {
      const error = caught(() => rematerialize({ operations: [good], values, budget: 9, ...option }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item: undefined, field });
    }
  });

  it("plans 100 000 operations of a chain and of training within a budget", () => {
    const chain = uniformChain(50_000);
    const budget = 2000;
    const result = rematerialize({ ...chain, budget });
    expect(replaySchedule({ ...chain, schedule: result.schedule })).toMatchObject({ cost: result.cost });
    expect(result.peak).toBeLessThanOrEqual(budget);
    expect(result.overhead).toBeLessThan(1);
    const training = residualTraining(14_000, generator(6));
    const { peak } = orderOperations(training);
    const half = rematerialize({ ...training, budget: Math.floor(peak / 2) });
    expect(replaySchedule({ ...training, schedule: half.schedule }).peak).toBeLessThanOrEqual(peak / 2);
    expect(half.overhead).toBeLessThan(0.5);
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.skipIf(sharedInstance("fcn8_train") === undefined)("known instances", () => {
  it.each([
    ["random_layered_n100", 36_790, 0],
    ["random_layered_n250", 132_156, 0],
    ["random_layered_n250", 117_472, 0],
    ["random_layered_n250", 107_463, 0],
    ["fcn8_train", 12_136_315_968, 0.003],
    ["fcn8_train", 10_787_836_416, 0.004],
    ["vgg16_train", 15_033_853_542, 0.0078],
    ["vgg16_train", 14_242_598_092, 0.0197],
  ])("%s fits %d for at most %d more work", (name, budget, overhead) => {
    const instance = sharedInstance(name) ?? uniformChain(1);
    const result = rematerialize({ ...instance, budget });
    expectHonest(instance, budget, result);
    expect(result.overhead).toBeLessThanOrEqual(overhead);
  });
});
