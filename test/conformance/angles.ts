// sin, cos and tan of float32 over all of its range: within 4 units in the last place of the true values.

import { cos, graph, input, sin, tan } from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { stream } from "../ops/draw.js";
import type { Participant } from "./participant.js";

const functions = { sin: Math.sin, cos: Math.cos, tan: Math.tan } as const;

/** Edges of the ranges that are computed differently, multiples of π/2 that floats come nearest to, and what has no angle. */
const special = [
  0,
  -0,
  205887.421875,
  205887.4375,
  -205887.4375,
  2 ** 17,
  2 ** 24 + 2,
  1e10,
  -1e30,
  3.4028234663852886e38,
  6.230819e22,
  5.0706e30,
  16367173 * 2 ** 72,
  13223113 * 2 ** -22,
  Infinity,
  -Infinity,
  Number.NaN,
];

/** Floats of all magnitudes, most of them far. */
function samples(count: number): Float32Array {
  const draw = stream("angles");
  const drawn = Array.from({ length: count }, () => (draw() - 0.5) * 2 ** (150 * draw() - 20));
  return Float32Array.from([...special, ...drawn]);
}

function unit(value: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value)))) - 23);
}

function expectAngles(x: Float32Array, name: keyof typeof functions, found: ArrayLike<number>): void {
  for (const [i, argument] of x.entries()) {
    const truth = functions[name](argument);
    const value = found[i] ?? 0;
    const at = `${name}(${argument}) = ${value}, not ${truth}`;
    if (Number.isNaN(truth)) expect(value, at).toBeNaN();
    else if (Math.abs(value - truth) > 4 * unit(truth)) expect.fail(at);
  }
}

function program(size: number) {
  const x = input("x", [size]);
  return graph({ outputs: { sin: sin(x), cos: cos(x), tan: tan(x) } });
}

export function describeAngles(name: string, { backends }: Participant): void {
  describe(`angles on ${name}`, () => {
    test.each(backends)("many on %s", async (_, backend) => {
      const x = samples(2 ** 14 + 3);
      await using session = await compile(program(x.length), { backend });
      const found = await session.run({ x });
      for (const key of ["sin", "cos", "tan"] as const) expectAngles(x, key, found[key].data);
    });

    test.each(backends)("one by one on %s", async (_, backend) => {
      await using session = await compile(program(1), { backend });
      for (const argument of samples(40)) {
        const x = Float32Array.of(argument);
        const found = await session.run({ x });
        for (const key of ["sin", "cos", "tan"] as const) expectAngles(x, key, found[key].data);
      }
    });
  });
}
