/** Orders: as good as looking at all of them on small dataflows, proved on trees and series-parallel ones, never illegal. */

import {
  type DataflowInput,
  MemoryInputError,
  orderOperations,
  type PlanningProgress,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { sharedJson } from "../reference/shared.js";
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
import { leastPeak, peakOf } from "./exhaustive.js";

const families: Readonly<Record<string, (count: number, random: () => number) => Instance>> = {
  sparse: (count, random) => scattered(count, 0.2, random),
  dense: (count, random) => scattered(count, 0.5, random),
  layered: (count, random) => layered(count, 3, random),
  joining: (count, random) => tree(count, "joining", random),
  branching: (count, random) => tree(count, "branching", random),
  "series-parallel": (count, random) => seriesParallel(count, random),
  mixed: (count, random) => mixed(count, random),
  updating: (count, random) => updating(count, random),
};

/** Legal, and of the peak it claims to be of. */
function expectHonest(input: DataflowInput, result: ReturnType<typeof orderOperations>): void {
  expect(peakOf(input, result.order)).toBe(result.peak);
  expect(result.lowerBound).toBeLessThanOrEqual(result.peak);
}

describe("orderOperations", () => {
  it.each(Object.keys(families))("finds and proves the least peak of small %s dataflows", (name) => {
    for (let seed = 0; seed < 150; seed++) {
      const random = generator(seed);
      const instance = families[name]?.(2 + Math.floor(9 * random()), random) ?? uniformChain(3);
      const result = orderOperations(instance);
      expectHonest(instance, result);
      const least = leastPeak(instance);
      expect([seed, result.peak, result.lowerBound]).toEqual([seed, least, least]);
    }
  });

  it("finds and proves the least peak of trees and series-parallel dataflows of 16 operations", () => {
    for (let seed = 0; seed < 4; seed++) {
      for (const make of [
        () => tree(16, "joining", generator(seed)),
        () => tree(16, "branching", generator(seed)),
        () => seriesParallel(16, generator(seed)),
        () => mixed(15, generator(seed)),
      ]) {
        const instance = make();
        const { peak, lowerBound } = orderOperations(instance);
        const least = leastPeak(instance);
        expect([peak, lowerBound]).toEqual([least, least]);
      }
    }
  });

  it.each([60, 200, 1000])(
    "proves the least peak of trees and series-parallel dataflows of %d operations",
    (count) => {
      for (let seed = 0; seed < 5; seed++) {
        for (const instance of [
          tree(count, "joining", generator(seed), 1000),
          seriesParallel(count, generator(seed), 1000),
          ...(count > 200 ? [] : [tree(count, "branching", generator(seed), 1000)]),
        ]) {
          const result = orderOperations(instance);
          if (count <= 200) expectHonest(instance, result);
          expect([seed, result.peak]).toEqual([seed, result.lowerBound]);
        }
      }
    },
  );

  it("never bounds above what an order reaches, and keeps a given order that is as good", () => {
    for (let seed = 0; seed < 20; seed++) {
      const instance = layered(120, 8, generator(seed));
      const hasty = orderOperations({ ...instance, timeLimit: 0 });
      const result = orderOperations({ ...instance, timeLimit: 0.1 });
      expectHonest(instance, hasty);
      expectHonest(instance, result);
      expect(result.peak).toBeLessThanOrEqual(hasty.peak);
      expect(hasty.lowerBound).toBeLessThanOrEqual(result.peak);
      const again = orderOperations({ ...instance, order: result.order, timeLimit: 0 });
      expect(again.peak).toBeLessThanOrEqual(result.peak);
    }
  });

  it("counts values without writer as free, and outputs nobody reads while their writer runs", () => {
    const operations = [
      { inputs: [0], outputs: [1, 2], workspace: 3 },
      { inputs: [1, 0], outputs: [3] },
    ];
    const values = [{ size: 100 }, { size: 5 }, { size: 7 }, { size: 1 }];
    expect(orderOperations({ operations, values })).toEqual({ order: [0, 1], peak: 15, lowerBound: 15 });
    expect(orderOperations({ operations, values, keep: [2, 3] })).toMatchObject({ peak: 15 });
    expect(orderOperations({ operations: [], values: [] })).toEqual({ order: [], peak: 0, lowerBound: 0 });
  });

  it("is the same for the same seed", () => {
    const instance = layered(60, 10, generator(1));
    const first = orderOperations({ ...instance, seed: 7 });
    expect(orderOperations({ ...instance, seed: 7 })).toEqual(first);
  });

  it("reports progress that never turns back, and stops when aborted", () => {
    const instance = layered(250, 12, generator(2));
    const seen: PlanningProgress[] = [];
    const { peak, lowerBound } = orderOperations({
      ...instance,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(1);
    for (const [index, { objective, best, lowerBound: bound, used }] of seen.entries()) {
      const last = seen[index - 1] ?? { best: Number.POSITIVE_INFINITY, lowerBound: 0, used: 0 };
      expect(objective).toBe("peak");
      expect(best).toBeLessThanOrEqual(last.best);
      expect(best).toBeGreaterThanOrEqual(peak);
      expect(bound).toBeGreaterThanOrEqual(last.lowerBound);
      expect(bound).toBeLessThanOrEqual(lowerBound);
      expect(used).toBeGreaterThanOrEqual(last.used);
      expect(used).toBeLessThanOrEqual(1);
    }
    const reason = new Error("enough");
    expect(() => orderOperations({ ...instance, signal: AbortSignal.abort(reason) })).toThrow(reason);
    const control = new AbortController();
    const onProgress = (): void => control.abort(reason);
    expect(() => orderOperations({ ...instance, signal: control.signal, onProgress })).toThrow(reason);
  });

  it("orders 100 000 operations in a chain, side by side and in training", () => {
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, o) => ({ inputs: o === 0 ? [] : [o - 1], outputs: [o] }));
    const values = chain.map((_, v) => ({ size: 1 + (v % 7) }));
    expect(orderOperations({ operations: chain, values })).toMatchObject({ peak: 13, lowerBound: 13 });
    const alone = chain.map((_, o) => ({ inputs: [], outputs: [o] }));
    expect(orderOperations({ operations: alone, values })).toMatchObject({ peak: 7, lowerBound: 7 });
    const training = residualTraining(count / 7, generator(3));
    const { order, peak, lowerBound } = orderOperations(training);
    expect(order.length).toBe(training.operations.length);
    expect(peak).toBe(lowerBound);
  });

  it("refuses what is no dataflow, by item and field", () => {
    const good = { inputs: [], outputs: [0] };
    const values = [{ size: 1 }, { size: 2 }];
    const cases: readonly (readonly [Partial<DataflowInput>, string, number, string])[] = [
      [{ values: [{ size: 1 }, { size: -1 }] }, "values", 1, "size"],
      [{ values: [{ size: 1 }, { size: 0.5 }] }, "values", 1, "size"],
      [{ values: [{ size: 1 }, { size: Number.NaN }] }, "values", 1, "size"],
      [{ values: [{ size: 1 }, { size: Number.MAX_SAFE_INTEGER }] }, "values", 1, "size"],
      [{ operations: [good, { inputs: [2], outputs: [1] }] }, "operations", 1, "inputs[0]"],
      [{ operations: [good, { inputs: [0, -1], outputs: [1] }] }, "operations", 1, "inputs[1]"],
      [{ operations: [good, { inputs: [0.5], outputs: [1] }] }, "operations", 1, "inputs[0]"],
      [{ operations: [good, { inputs: [0], outputs: [1, 5] }] }, "operations", 1, "outputs[1]"],
      [{ operations: [good, { inputs: [], outputs: [0] }] }, "operations", 1, "outputs[0]"],
      [{ operations: [good, { inputs: [], outputs: [1, 1] }] }, "operations", 1, "outputs[1]"],
      [{ operations: [good, { inputs: [1], outputs: [1] }] }, "operations", 1, "inputs"],
      [{ operations: [good, { inputs: [], outputs: [], workspace: -1 }] }, "operations", 1, "workspace"],
      [{ operations: [good, { inputs: [], outputs: [], workspace: 0.5 }] }, "operations", 1, "workspace"],
    ];
    for (const [bad, list, item, field] of cases) {
      const error = caught(() => orderOperations({ operations: [good], values, ...bad }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item, field, address: `${list}[${item}].${field}` });
    }
    const cycle = [
      { inputs: [1], outputs: [0] },
      { inputs: [0], outputs: [1] },
    ];
    expect(caught(() => orderOperations({ operations: cycle, values }))).toMatchObject({
      field: "inputs",
      message: expect.stringMatching(/waits for its own outputs: \d -> \d -> \d/),
    });
    const both = { operations: [good, { inputs: [0], outputs: [1] }], values };
    const options: readonly (readonly [object, string])[] = [
      [{ order: [0] }, "order"],
      [{ order: [1, 0] }, "order[0]"],
      [{ order: [0, 0] }, "order[1]"],
      [{ order: [0, 2] }, "order[1]"],
      [{ keep: [0, 2] }, "keep[1]"],
      [{ timeLimit: -1 }, "timeLimit"],
      [{ timeLimit: Number.NaN }, "timeLimit"],
    ];
    for (const [option, field] of options) {
      const error = caught(() => orderOperations({ ...both, ...option }));
      expect(error).toBeInstanceOf(MemoryInputError);
      expect(error).toMatchObject({ item: undefined, field });
    }
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

describe.skipIf(sharedInstance("random_layered_n100") === undefined)("known instances", () => {
  it.each([
    ["random_layered_n100", 36_790],
    ["random_layered_n250", 107_463],
    ["fcn8_train", 13_484_795_520],
    ["vgg16_train", 15_825_108_992],
  ])("orders %s within %d", (name, peak) => {
    const instance = sharedInstance(name) ?? uniformChain(1);
    const result = orderOperations(instance);
    expectHonest(instance, result);
    expect(result.peak).toBeLessThanOrEqual(peak);
  });

  const { graphs = {} } = (sharedJson("data/offsets/model_order.json") ?? {}) as {
    graphs?: Record<string, { edges: [string, string[], number][]; bruteForcePeak: number }>;
  };
  it.each(Object.entries(graphs))(
    "orders %s of model_order.json as brute force does",
    (_, { edges, bruteForcePeak }) => {
      const names = [...new Set(edges.flatMap(([from, to]) => [from, ...to]))];
      const operations = names.map((name) => ({
        inputs: edges.flatMap(([, to], edge) => (to.includes(name) ? [edge] : [])),
        outputs: edges.flatMap(([from], edge) => (from === name ? [edge] : [])),
      }));
      const { peak, lowerBound } = orderOperations({
        operations,
        values: edges.map(([, , size]) => ({ size })),
      });
      expect([peak, lowerBound]).toEqual([bruteForcePeak, bruteForcePeak]);
    },
  );
});
