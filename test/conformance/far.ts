// Functions of float32 whose large arguments are computed apart: sin, cos and tan within 4 units in the last place of the true
// values over all of the range, remainders exact, of the smallest numbers, too.

import { cos, fmod, graph, input, sin, tan } from "@adjoint/core";
import { compile, type Session } from "@adjoint/scheduler";
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
  const draw = stream("far");
  const drawn = Array.from({ length: count }, () => (draw() - 0.5) * 2 ** (150 * draw() - 20));
  return Float32Array.from([...special, ...drawn]);
}

/** Floats of the smallest magnitudes that every machine has, and up to 2^spread times as large. */
function tiny(name: string, count: number, spread: number): Float32Array {
  const draw = stream(name);
  return Float32Array.from({ length: count }, () => (draw() < 0.5 ? -1 : 1) * 2 ** (-126 + spread * draw()));
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

function expectRemainders(x: Float32Array, y: Float32Array, found: ArrayLike<number>): void {
  for (const [i, dividend] of x.entries()) {
    const divisor = y[i] ?? 0;
    const [truth, value] = [dividend % divisor, found[i] ?? 0];
    // Drivers may take subnormal numbers for 0.
    if (Math.abs(truth) < 2 ** -126 && Math.abs(value) < 2 ** -126) continue;
    if (!Object.is(value, truth)) expect.fail(`fmod(${dividend}, ${divisor}) = ${value}, not ${truth}`);
  }
}

function program(size: number) {
  const [x, y] = [input("x", [size]), input("y", [size])];
  return graph({ outputs: { sin: sin(x), cos: cos(x), tan: tan(x), fmod: fmod(x, y) } });
}

async function expectFar(
  session: Session<"x" | "y", "sin" | "cos" | "tan" | "fmod">,
  x: Float32Array,
  y: Float32Array,
): Promise<void> {
  const found = await session.run({ x, y });
  for (const name of ["sin", "cos", "tan"] as const) expectAngles(x, name, found[name].data);
  expectRemainders(x, y, found.fmod.data);
}

export function describeFar(name: string, { backends }: Participant): void {
  describe(`far arguments on ${name}`, () => {
    test.each(backends)("many on %s", async (_, backend) => {
      const x = samples(2 ** 14 + 3);
      await using session = await compile(program(x.length), { backend });
      await expectFar(session, x, Float32Array.from(x).reverse());
    });

    test.each(backends)("remainders of tiny numbers on %s", async (_, backend) => {
      const [x, y] = [tiny("dividends", 1000, 60), tiny("divisors", 1000, 20)];
      const [a, b] = [input("x", [x.length]), input("y", [y.length])];
      await using session = await compile(graph({ outputs: { fmod: fmod(a, b) } }), { backend });
      const { fmod: found } = await session.run({ x, y });
      expectRemainders(x, y, found.data);
    });

    test.each(backends)("one by one on %s", async (_, backend) => {
      await using session = await compile(program(1), { backend });
      const all = samples(40);
      for (const [i, argument] of all.entries())
        await expectFar(
          session,
          Float32Array.of(argument),
          Float32Array.of(all[(7 * i + 3) % all.length] ?? 1),
        );
    });
  });
}
