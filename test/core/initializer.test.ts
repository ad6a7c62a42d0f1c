/** Initial values have the distributions their names promise, depend on the seed alone and survive text and JSON. */

import {
  filled,
  glorotNormal,
  glorotUniform,
  graph,
  graphFromJson,
  graphToJson,
  heNormal,
  heUniform,
  type Initializer,
  initialize,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  parameter,
  parseGraph,
  printGraph,
  sameGraph,
  square,
  truncatedNormal,
  uniform,
} from "@adjoint/core";
import { describe, expect, test } from "vitest";

const shape = [40, 20, 5];
const size = 4000;

function moments(elements: Float64Array): { mean: number; variance: number; largest: number } {
  const mean = elements.reduce((sum, x) => sum + x, 0) / elements.length;
  const variance = elements.reduce((sum, x) => sum + (x - mean) ** 2, 0) / elements.length;
  return { mean, variance, largest: Math.max(...elements.map(Math.abs)) };
}

/** Variance of a standard normal number within ±2. */
const truncatedVariance = 0.7737413035;

const expected: Readonly<
  Record<string, { initializer: Initializer; mean: number; variance: number; bound: number }>
> = {
  normal: { initializer: normal({ mean: 1, std: 2, seed: 3 }), mean: 1, variance: 4, bound: 12 },
  uniform: { initializer: uniform({ low: -1, high: 3, seed: 3 }), mean: 1, variance: 16 / 12, bound: 3 },
  truncatedNormal: {
    initializer: truncatedNormal({ mean: 1, std: 0.5, seed: 4 }),
    mean: 1,
    variance: truncatedVariance / 4,
    bound: 2,
  },
  glorotUniform: {
    initializer: glorotUniform({ gain: 2 }),
    mean: 0,
    variance: 8 / 300,
    bound: Math.sqrt(24 / 300),
  },
  glorotNormal: { initializer: glorotNormal({ seed: 1 }), mean: 0, variance: 2 / 300, bound: 1 },
  heUniform: { initializer: heUniform(), mean: 0, variance: 2 / 100, bound: Math.sqrt(6 / 100) },
  heNormal: { initializer: heNormal({ mode: "fanOut" }), mean: 0, variance: 2 / 200, bound: 1 },
  lecunUniform: { initializer: lecunUniform(), mean: 0, variance: 1 / 100, bound: Math.sqrt(3 / 100) },
  lecunNormal: { initializer: lecunNormal(), mean: 0, variance: 1 / 100, bound: 1 },
};

describe.each(Object.entries(expected))("%s", (_, { initializer, mean, variance, bound }) => {
  test("has its mean, variance and range", () => {
    const found = moments(initialize(initializer, shape));
    // Five standard errors of 4 000 independent elements.
    expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / size));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / size));
    expect(found.largest).toBeLessThanOrEqual(bound);
  });

  test("survives text and JSON", () => {
    const program = graph({ outputs: { y: square(parameter("w", shape, initializer)) } });
    expect(sameGraph(parseGraph(printGraph(program)), program)).toBe(true);
    expect(sameGraph(graphFromJson(graphToJson(program)), program)).toBe(true);
  });
});

describe("orthogonal", () => {
  test.each([
    [6, 3],
    [3, 6],
    [4, 4],
  ])("has orthonormal rows or columns in a %d × %d weight", (rows, columns) => {
    const elements = initialize(orthogonal({ gain: 3, seed: 2 }), [rows, columns]);
    const at = (i: number, j: number): number => (elements[i * columns + j] ?? 0) / 3;
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        let inner = 0;
        for (let k = 0; k < length; k++) inner += rows < columns ? at(a, k) * at(b, k) : at(k, a) * at(k, b);
        expect(inner).toBeCloseTo(a === b ? 1 : 0, 12);
      }
    }
  });

  test("takes the axes after the first together", () => {
    expect(initialize(orthogonal(), [3, 2, 2])).toEqual(initialize(orthogonal(), [3, 4]));
  });
});

describe("seeds", () => {
  test("decide alone", () => {
    expect(initialize(heNormal({ seed: 5 }), shape)).toEqual(initialize(heNormal({ seed: 5 }), shape));
    expect(initialize(heNormal({ seed: 5 }), shape)).not.toEqual(initialize(heNormal({ seed: 6 }), shape));
  });

  test("above 2^32 are not those below", () => {
    expect(initialize(uniform({ seed: 2 ** 32 }), [4])).not.toEqual(initialize(uniform({ seed: 0 }), [4]));
  });
});

test("shapes without kernel, inputs or elements are initialized too", () => {
  expect(moments(initialize(glorotUniform(), [100])).largest).toBeLessThanOrEqual(Math.sqrt(3 / 100));
  expect(initialize(heNormal(), [])).toHaveLength(1);
  expect(initialize(orthogonal(), [0, 3])).toHaveLength(0);
  expect(initialize(filled(2), [3])).toEqual(Float64Array.of(2, 2, 2));
});
