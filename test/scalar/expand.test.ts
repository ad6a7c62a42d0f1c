// The expansions of transcendental operations against the true values, over all of the arguments' range: at most so
// many units in the last place, and special values exactly. Every operation rounds to its dtype.

import {
  type Argument,
  argument,
  evaluateScalar,
  expandOperation,
  isOperation,
  operation,
  postorder,
  type Scalar,
  type ScalarOp,
} from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { evaluate, rounded } from "./evaluate.js";
import { fixed, precise, ulps } from "./precise.js";

type Float = "float32" | "float64";

interface Case {
  readonly arity: 1 | 2;
  /** Greatest error in units in the last place, and number of operations but bitcasts. */
  readonly float32: readonly [number, number];
  readonly float64: readonly [number, number];
  /** Where float64 samples are compared with true values. */
  readonly range: readonly [number, number];
  /** Greater arguments are not compared, but for bounds and NaN. */
  readonly limit?: readonly [number, number];
}

const cases = {
  exp: { arity: 1, float32: [1.2, 29], float64: [1.2, 33], range: [-30, 30] },
  exp2: { arity: 1, float32: [1.1, 25], float64: [1.1, 27], range: [-40, 40] },
  expm1: { arity: 1, float32: [1.7, 30], float64: [2, 40], range: [-3, 3] },
  log: { arity: 1, float32: [1.1, 29], float64: [1.3, 38], range: [0.001, 10] },
  log2: { arity: 1, float32: [1.9, 29], float64: [1.7, 36], range: [0.001, 10] },
  log1p: { arity: 1, float32: [1.6, 41], float64: [1.9, 48], range: [-0.999, 3] },
  sin: { arity: 1, float32: [2.4, 38], float64: [2, 41], range: [-100, 100], limit: [Infinity, 3294198] },
  cos: { arity: 1, float32: [2.4, 37], float64: [2, 40], range: [-2e5, 2e5], limit: [Infinity, 3294198] },
  tan: { arity: 1, float32: [3.6, 56], float64: [2.5, 53], range: [-3e6, 3e6], limit: [Infinity, 3294198] },
  tanh: { arity: 1, float32: [2.6, 28], float64: [2.5, 41], range: [-3, 3] },
  atan: { arity: 1, float32: [2.2, 26], float64: [2, 51], range: [-4, 4] },
  atan2: { arity: 2, float32: [2.2, 40], float64: [2, 67], range: [-4, 4] },
  pow: { arity: 2, float32: [1.2, 124], float64: [1.2, 147], range: [-8, 8] },
  erf: { arity: 1, float32: [2.7, 36], float64: [1.4, 94], range: [-3, 3] },
  lgamma: { arity: 1, float32: [3.6, 111], float64: [3.9, 163], range: [-10, 20] },
  rem: { arity: 2, float32: [0, 60], float64: [0, 71], range: [-100, 100] },
} as const satisfies Partial<Record<ScalarOp, Case>>;

type Name = keyof typeof cases;
const names = Object.keys(cases).filter((name): name is Name => Object.hasOwn(cases, name));

const specials = {
  float32: [
    2 ** -149,
    -(2 ** -149),
    3 * 2 ** -149,
    2 ** -126,
    2 ** -24,
    3.4028234663852886e38,
    88.72284,
    -103.97,
  ],
  float64: [
    5e-324,
    -5e-324,
    1.5e-323,
    2 ** -1022,
    2 ** -53,
    1.7976931348623157e308,
    709.782712893384,
    -745.1332,
  ],
} as const satisfies Record<Float, readonly number[]>;

const common = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  1.5,
  -1.5,
  3,
  -3,
  10,
  -10,
  1e10,
  Infinity,
  -Infinity,
  Number.NaN,
];

/** The operation's own meaning, in float64; IEEE 754's pow where JavaScript's differs. */
function meaning(op: Name, dtype: Float, a: number, b: number): number {
  if (op === "pow" && a === -1 && Math.abs(b) === Infinity) return 1;
  return evaluateScalar(op, dtype, dtype, a, b);
}

function expanded(op: Name, dtype: Float): Scalar<Argument> {
  const inputs = [argument(0, dtype), argument(1, dtype)].slice(0, cases[op].arity);
  const result = expandOperation(operation<Argument>(op, inputs));
  if (result === undefined) throw new Error(`${op} has no expansion`);
  return result;
}

/** Reproducible random 32-bit words (splitmix32). */
function words(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

const view = new DataView(new ArrayBuffer(8));

/** A float with random bits. */
function anyFloat(word: () => number, dtype: Float): number {
  view.setUint32(0, word());
  view.setUint32(4, word());
  return dtype === "float32" ? view.getFloat32(0) : view.getFloat64(0);
}

function between(word: () => number, [low, high]: readonly [number, number], dtype: Float): number {
  return rounded(low + ((high - low) * (word() + word() / 2 ** 32)) / 2 ** 32, dtype);
}

function arrays(points: readonly (readonly number[])[]): Float64Array[] {
  return [0, 1].map((i) => Float64Array.from(points, (point) => point[i] ?? 0));
}

/** Half random bits, half in the usual range. */
function points(op: Name, dtype: Float, count: number): number[][] {
  const word = words(names.indexOf(op) * 2 + (dtype === "float64" ? 1 : 0));
  const one = (): number => (word() & 1 ? anyFloat(word, dtype) : between(word, cases[op].range, dtype));
  return Array.from({ length: count }, () => [one(), one()].slice(0, cases[op].arity));
}

const digits = { float32: 24, float64: 53 } as const;
const smallest = { float32: 2 ** -126, float64: 2 ** -1022 } as const;

function unit(value: number, dtype: Float): number {
  const magnitude = Math.max(Math.abs(value), smallest[dtype]);
  const exponent = evaluateScalar("exponent", dtype, dtype, magnitude);
  return 2 ** (exponent + 1 - digits[dtype]);
}

/** What an error of lgamma is relative to: left of −1 its parts nearly cancel at its zeros. */
function scale(op: Name, x: number, truth: number): number {
  if (op !== "lgamma" || x > -1) return truth;
  return Math.max(1, Math.abs(truth), Math.abs(evaluateScalar("lgamma", "float64", "float64", -x)));
}

/** Whether the dtype's value for a true value must be this one: NaN, ±∞ or ±0. */
function mustEqual(value: number, truth: number, dtype: Float): boolean {
  const nearest = rounded(truth, dtype);
  return !Number.isFinite(value) || !Number.isFinite(nearest) || nearest === 0;
}

function outside(op: Name, dtype: Float, point: readonly number[]): boolean {
  const { limit }: Case = cases[op];
  const [x = 0] = point;
  return limit !== undefined && Math.abs(x) > limit[dtype === "float32" ? 0 : 1] && Number.isFinite(x);
}

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(names)("%s: operations", (op) => {
    const operations = postorder(expanded(op, dtype)).filter(isOperation);
    expect(operations.filter((inner) => inner.op in cases)).toEqual([]);
    expect(operations.filter((inner) => inner.op !== "bitcast")).toHaveLength(cases[op][dtype][1]);
    const foreign = dtype === "float32" ? ["float64", "float16"] : ["float32", "float16"];
    expect(operations.filter((inner) => foreign.includes(inner.dtype))).toEqual([]);
  });

  test.each(names)("%s: special values", (op) => {
    const values = [...common, ...specials[dtype]].map((value) => rounded(value, dtype));
    const all =
      cases[op].arity === 1 ? values.map((x) => [x]) : values.flatMap((x) => values.map((y) => [x, y]));
    const found = evaluate(expanded(op, dtype), arrays(all));
    for (const [i, point] of all.entries()) {
      if (outside(op, dtype, point)) continue;
      const [x = 0, y = 0] = point;
      const truth = meaning(op, dtype, x, y);
      const value = found[i] ?? Number.NaN;
      const at = `${op}(${point.map((z) => (Object.is(z, -0) ? "-0" : z))})`;
      if (mustEqual(value, truth, dtype)) expect({ at, value }).toEqual({ at, value: rounded(truth, dtype) });
      else expect({ at, sign: Math.sign(value) }).toEqual({ at, sign: Math.sign(truth) });
    }
  });
});

describe("against Math and special functions", () => {
  test.each(
    names.flatMap((op) => [[op, "float32", 2 ** 17, 0] as const, [op, "float64", 2 ** 14, 1.1] as const]),
  )("%s %s", (op, dtype, count, slack) => {
    const all = points(op, dtype, count);
    const found = evaluate(expanded(op, dtype), arrays(all));
    let worst = { error: 0, point: [0] };
    for (const [i, point] of all.entries()) {
      const [x = 0, y = 0] = point;
      const truth = meaning(op, dtype, x, y);
      const value = found[i] ?? Number.NaN;
      if (outside(op, dtype, point)) {
        expect(Number.isNaN(value)).toBe(false);
        if (op === "sin" || op === "cos") expect(Math.abs(value)).toBeLessThanOrEqual(1);
        continue;
      }
      if (mustEqual(value, truth, dtype)) {
        if (!Object.is(value, rounded(truth, dtype))) expect({ op, point, value }).toBe(truth);
        continue;
      }
      const error = Math.abs(value - truth) / unit(scale(op, x, truth), dtype);
      if (!(error <= worst.error)) worst = { error, point };
    }
    expect(worst.error, `at ${worst.point}`).toBeLessThanOrEqual(cases[op][dtype][0] + slack);
  });
});

describe("float64 against 60 digits", () => {
  test.each(names.filter((op) => op !== "rem"))("%s", (op) => {
    const word = words(names.indexOf(op));
    const positive = op === "pow" ? Math.abs : (x: number): number => x;
    const all = Array.from({ length: 400 }, () => [
      positive(between(word, cases[op].range, "float64")),
      between(word, cases[op].range, "float64"),
    ]);
    const found = evaluate(expanded(op, "float64"), arrays(all));
    let worst = { error: 0, interpreter: 0 };
    for (const [i, [x = 0, y = 0]] of all.entries()) {
      const truth = precise[op](fixed(x), fixed(y));
      const least = scale(op, x, 0);
      const error = ulps(found[i] ?? Number.NaN, truth, 53, least);
      const interpreter = ulps(meaning(op, "float64", x, y), truth, 53, least);
      worst = { error: Math.max(worst.error, error), interpreter: Math.max(worst.interpreter, interpreter) };
    }
    expect(worst.error).toBeLessThanOrEqual(cases[op].float64[0]);
    // The interpreter defines what is right, so it must be: relatively within 1e-15.
    expect(worst.interpreter).toBeLessThanOrEqual(5);
  });
});
