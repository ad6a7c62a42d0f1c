// Random kernels of every kind give exactly what the kernel interpreter gives.

import { compileKernel } from "@adjoint/backend-cpu";
import { interpretKernel, printKernel } from "@adjoint/core/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { engines } from "./engine.js";
import { type Choose, kernelKinds, randomKernel } from "./random.js";

const runs = Number(process.env["KERNEL_RUNS"] ?? 150);

/** Mulberry32. */
function chooser(seed: number): Choose {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

describe.each(kernelKinds)("%s", (kind) => {
  test("as the interpreter", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { kernel, shared, contents } = randomKernel(kind, chooser(seed));
        const expected = contents.map((content) => content.slice());
        for (const [a, b] of shared) expected[b] = expected[a] ?? new Float64Array();
        const given = expected.map((content) => content.slice());
        interpretKernel(kernel, expected);
        for (const [name, engine] of engines) {
          const compiled = await compileKernel(kernel, shared, engine);
          for (const [index, view] of compiled.buffers.entries()) view.set(given[index] ?? []);
          compiled.run();
          for (const [index, found] of compiled.buffers.entries()) {
            const wanted = expected[index] ?? [];
            const wrong = [...found].findIndex((value, i) => !same(value, wanted[i] ?? 0));
            const text = `buffer ${index}[${wrong}] is ${found[wrong]}, not ${wanted[wrong]}`;
            expect(wrong, `${printKernel(kernel)}${name}: ${text}`).toBe(-1);
          }
        }
      }),
      { numRuns: runs },
    );
  });
});

/** Equal up to one float32 rounding, or both NaN; zeros have no sign here: the order of a sum of zeros is free. */
function same(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-7 * Math.abs(b) || (Number.isNaN(a) && Number.isNaN(b));
}
