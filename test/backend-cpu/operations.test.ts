// Every primitive operation on every dtype, on single values and in lanes, over special and ordinary values.

import { type CpuOptions, compileKernel } from "@adjoint/backend-cpu";
import { type DType, dtypes } from "@adjoint/core";
import {
  axisTimes,
  constant,
  evaluateScalar,
  type Kernel,
  type KernelScalar,
  type Load,
  operation,
  type ScalarOp,
} from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { engines } from "./engine.js";

const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  7.25,
  100.75,
  1e-3,
  -1e10,
  8388609,
  2147483648,
  -2147483649,
  4294967296,
  1e30,
  -1e30,
  2 ** -126,
  2 ** -149,
  3 * 2 ** -140,
  3.4028234663852886e38,
  Infinity,
  -Infinity,
  NaN,
];
const doubles = [
  ...floats,
  1e300,
  -1e300,
  2 ** -1022,
  5e-324,
  3 * 2 ** -1060,
  1.7976931348623157e308,
  0.1,
  4294967295.5,
];
const signed = [0, 1, -1, 2, 3, -7, 31, 32, 33, 100, 65536, -65537, 2147483647, -2147483648];
const unsigned = [0, 1, 2, 3, 7, 31, 32, 33, 100, 65536, 2147483647, 2147483648, 4294967295];

const values = {
  float32: floats,
  float64: doubles,
  int32: signed,
  uint32: unsigned,
  bool: [0, 1],
  float16: [],
} as const satisfies Record<DType, readonly number[]>;

type Case = readonly [op: ScalarOp, operands: readonly DType[], result: DType];

const floatTypes = ["float32", "float64"] as const;
const wordTypes = ["int32", "uint32"] as const;
const numbers = [...floatTypes, ...wordTypes] as const;
const all = [...numbers, "bool"] as const;

const each = (ops: readonly ScalarOp[], types: readonly DType[], arity: number, result?: DType): Case[] =>
  ops.flatMap((op) => types.map((dtype): Case => [op, new Array<DType>(arity).fill(dtype), result ?? dtype]));

const cases: Case[] = [
  ...each(["add", "sub", "mul", "div", "min", "max"], numbers, 2),
  ...each(["rem", "shl", "shr"], wordTypes, 2),
  ...each(["neg", "abs"], numbers, 1),
  ...each(["floor", "ceil", "trunc", "round", "sqrt", "exponent"], floatTypes, 1),
  ...each(["eq"], all, 2, "bool"),
  ...each(["lt", "le"], numbers, 2, "bool"),
  ...each(["and", "or", "xor"], [...wordTypes, "bool"], 2),
  ...each(["not"], ["bool"], 1),
  ...all.flatMap((from) => all.filter((to) => to !== from).map((to): Case => ["cast", [from], to])),
  ...all.map((dtype): Case => ["select", ["bool", dtype, dtype], dtype]),
  ["bitcast", ["float32"], "int32"],
  ["bitcast", ["float32"], "uint32"],
  ["bitcast", ["int32"], "float32"],
  ["bitcast", ["uint32"], "int32"],
];

function round(value: number, dtype: DType): number {
  return dtype === "float32" ? Math.fround(value) : value;
}

function clamp(x: number, limit: number): number {
  return Math.min(Math.max(x, -limit), limit);
}

/** Rows of operands: all combinations, in float32 where that is the dtype. */
function rows(operands: readonly DType[]): number[][] {
  return operands.reduce<number[][]>(
    (found, dtype) => found.flatMap((row) => values[dtype].map((value) => [...row, round(value, dtype)])),
    [[]],
  );
}

function load(buffer: number, dtype: DType): Load {
  return { kind: "load", dtype, buffer, offset: axisTimes(0), indirect: [], bounds: [], fill: 0 };
}

interface Site {
  readonly order: "parallel" | "sequential";
  readonly engine: CpuOptions;
}

/** A map of one operation over rows of operands; a sequential axis is never done in lanes. */
async function apply(
  operands: readonly DType[],
  result: DType,
  table: readonly (readonly number[])[],
  body: (...loads: readonly Load[]) => KernelScalar,
  { order, engine }: Site,
): Promise<number[]> {
  const size = table.length;
  const value = body(...operands.map((dtype, index) => load(index, dtype)));
  const kernel: Kernel = {
    buffers: [
      ...operands.map((dtype) => ({ dtype, size, access: "read" }) as const),
      { dtype: result, size, access: "write" },
    ],
    axes: [{ extent: size, order }],
    stages: [
      {
        axes: [],
        accumulators: [],
        stores: [{ buffer: operands.length, offset: axisTimes(0), indirect: [], bounds: [], value }],
      },
    ],
    aliases: [],
  };
  const { buffers, run } = await compileKernel(kernel, [], engine);
  for (const [index] of operands.entries()) buffers[index]?.set(table.map((row) => row[index] ?? 0));
  run();
  return [...(buffers[operands.length] ?? [])];
}

const sites = engines.flatMap(([name, engine]) =>
  (["sequential", "parallel"] as const).map((order) => ({ name, order, engine })),
);

describe.each(sites)("$order, $name", (site) => {
  test.each(cases)("%s of %j to %s", async (op, operands, result) => {
    const table = rows(operands);
    const found = await apply(operands, result, table, (...loads) => operation(op, loads, result), site);
    const operand = operands.at(-1) ?? result;
    const expected = table.map(([a = 0, b, c]) => {
      const value = round(evaluateScalar(op, operand, result, a, b, c), result);
      return dtypes[result].kind === "float" ? value : value + 0;
    });
    const wrong = found.findIndex((value, index) => !Object.is(value, expected[index]));
    expect(wrong, `${op}(${table[wrong]}) is ${found[wrong]}, not ${expected[wrong]}`).toBe(-1);
  });

  test.each(floatTypes)(
    "extremes of %s and a constant on either side, and what is rounded between two",
    async (dtype) => {
      const table = rows([dtype]);
      const same = async (limit: number, wanted: (x: number) => number, body: (x: Load) => KernelScalar) => {
        const found = await apply([dtype], dtype, table, body, site);
        const wrong = table.findIndex(([x = 0], index) => !Object.is(found[index], round(wanted(x), dtype)));
        expect(wrong, `${table[wrong]} and ${limit} give ${found[wrong]}`).toBe(-1);
      };
      for (const [limit] of table) {
        if (limit === undefined) continue;
        const bound = constant(limit, dtype);
        for (const op of ["min", "max"] as const) {
          const wanted = (x: number): number => Math[op](x, limit);
          await same(limit, wanted, (x) => operation(op, [x, bound]));
          await same(limit, wanted, (x) => operation(op, [bound, x]));
        }
      }
      for (const limit of [0.5, 2.5, 100.75, 2 ** 22, 8388609]) {
        const wanted = (x: number): number => evaluateScalar("round", dtype, dtype, clamp(x, limit));
        await same(limit, wanted, (x) =>
          operation("round", [
            operation("min", [operation("max", [x, constant(-limit, dtype)]), constant(limit, dtype)]),
          ]),
        );
      }
    },
  );

  test.each(floatTypes)("ldexp of %s over the whole range", async (dtype) => {
    const exponents = [
      0, 1, -1, 10, -24, 127, 128, -126, -127, -149, -150, 276, -278, 1023, 1024, -1074, 2098, -2200, 5000,
    ];
    const table = values[dtype].flatMap((value) => exponents.map((n) => [round(value, dtype), n]));
    const found = await apply([dtype, dtype], dtype, table, (...loads) => operation("ldexp", loads), site);
    // In three steps that cannot overflow or underflow too early for a result that does not.
    const expected = table.map(([a = 0, unlimited = 0]) => {
      const n = Math.max(-3000, Math.min(3000, unlimited));
      const first = Math.max(-1000, Math.min(1000, n));
      const second = Math.max(-1000, Math.min(1000, n - first));
      const rest = n - first - second;
      return round(a * 2 ** rest * 2 ** second * 2 ** first, dtype);
    });
    const wrong = found.findIndex((value, index) => !Object.is(value, expected[index]));
    expect(wrong, `ldexp(${table[wrong]}) is ${found[wrong]}, not ${expected[wrong]}`).toBe(-1);
  });

  test("transcendental operations are near their definition", async () => {
    const ops: readonly ScalarOp[] = ["exp", "log", "tanh", "sin", "cos", "erf", "atan", "log1p", "expm1"];
    const table = Array.from({ length: 203 }, (_, index) => [Math.fround(0.01 + index / 23)]);
    for (const op of ops) {
      for (const [dtype, tolerance] of [
        ["float32", 1e-6],
        ["float64", 1e-13],
      ] as const) {
        const found = await apply([dtype], dtype, table, (...loads) => operation(op, loads), site);
        for (const [index, [x = 0]] of table.entries()) {
          const wanted = evaluateScalar(op, dtype, dtype, x);
          expect(Math.abs((found[index] ?? NaN) - wanted), `${op}(${x})`).toBeLessThanOrEqual(
            tolerance * Math.max(1, Math.abs(wanted)),
          );
        }
      }
    }
  });
});

test.each(engines)("constants of every size are encoded, %s", async (_, engine) => {
  const integers = [
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    8191,
    8192,
    -8192,
    -8193,
    2 ** 20,
    2147483647,
    -2147483648,
  ];
  const numbers32 = [0, -0, 1.5, Infinity, -Infinity, NaN, 2 ** -149];
  const check = async (
    dtype: "int32" | "float32" | "float64",
    constants: readonly number[],
  ): Promise<void> => {
    const stores = constants.map((value, offset) => ({
      buffer: 0,
      offset: { offset, strides: [] },
      indirect: [],
      bounds: [],
      value: { kind: "constant", dtype, value } as const,
    }));
    const size = constants.length;
    const kernel: Kernel = {
      buffers: [{ dtype, size, access: "write" }],
      axes: [],
      stages: [{ axes: [], accumulators: [], stores }],
      aliases: [],
    };
    const { buffers, run } = await compileKernel(kernel, [], engine);
    run();
    expect([...(buffers[0] ?? [])]).toEqual(constants);
  };
  await check("int32", integers);
  await check("float32", numbers32);
  await check("float64", [...numbers32, 0.1, 5e-324, 1e300]);
});
