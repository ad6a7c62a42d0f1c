// Arenas larger than a page of their target: no buffer lies in two pages, nothing alive overlaps, and what fits into one page is
// placed as ever.

import { graph, input, MemoryError, matmul, mul, type Node, relu } from "@adjoint/core";
import { type Plan, plan, reference, verifyPlan } from "@adjoint/scheduler";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomGraph } from "../random/graphs.js";

const { target } = reference();

function arenaOf({ buffers }: Plan) {
  return buffers.filter(({ space }) => space === "arena");
}

function largest(of: Plan): number {
  return arenaOf(of).reduce((most, { bytes }) => Math.max(most, bytes), target.alignment);
}

const paged = (pageBytes: number) => ({
  ...target,
  limits: { bufferBytes: Number.MAX_SAFE_INTEGER, pageBytes },
});

describe("an arena in pages", () => {
  it("has no buffer in two of them, and replays", () => {
    let split = 0;
    fc.assert(
      fc.property(
        randomGraph({ dtypes: ["float32", "float64", "int32", "bool"] }),
        fc.integer({ min: 1, max: 3 }),
        (program, factor) => {
          const whole = plan(program, { target });
          const page = factor * largest(whole);
          const found = plan(program, { target: paged(page) });
          verifyPlan(found);
          for (const { offset, bytes } of arenaOf(found))
            if (bytes > 0) expect(Math.floor(offset / page)).toBe(Math.floor((offset + bytes - 1) / page));
          if (whole.memory.arenaBytes <= page) expect(found).toEqual(whole);
          else split += 1;
        },
      ),
      { numRuns: 200 },
    );
    expect(split).toBeGreaterThan(20);
  });

  it("is no larger than it must be where values of one size live together", () => {
    const x = input("x", [100]);
    const outputs = Object.fromEntries(
      Array.from({ length: 10 }, (_, k): [string, Node] => [`y${k}`, relu(mul(k, x))]),
    );
    const found = plan(graph({ outputs }), { target: paged(3 * 400) });
    // Three of 400 bytes are a page; the tenth begins the fourth.
    expect(found.memory.arenaBytes).toBe(10 * 400);
  });

  it("keeps to a budget as well", () => {
    const layers = Array.from({ length: 6 }, (_, k) => input(`w${k}`, [16, 16]));
    const y = layers.reduce<Node>((signal, w) => relu(matmul(signal, w)), input("x", [16, 16]));
    const program = graph({ outputs: { y } });
    const found = plan(program, { target: paged(1024), memoryBudget: 2048 });
    verifyPlan(found);
    expect(found.memory.arenaBytes).toBeLessThanOrEqual(2048);
  });

  it("refuses a value larger than its target allows, by its node", () => {
    const y = relu(input("x", [1000]));
    const limits = { bufferBytes: 2048, pageBytes: 4096 };
    const refused = () => plan(graph({ outputs: { y } }), { target: { ...target, limits } });
    expect(refused).toThrow(MemoryError);
    expect(refused).toThrow(/^x takes 4000 bytes; .* at most 2048/);
  });
});
