// Odd functions keep the sign of zero, on the CPU as in the interpreter.

import { cpu } from "@adjoint/backend-cpu";
import {
  asin,
  asinh,
  atan,
  atanh,
  erf,
  expm1,
  graph,
  input,
  interpret,
  log1p,
  sin,
  sinh,
  tan,
  tanh,
} from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { expect, test } from "vitest";

const functions = { asin, asinh, atan, atanh, erf, expm1, log1p, sin, sinh, tan, tanh };

test.each(["float32", "float64"] as const)("odd functions of zeros in %s", async (dtype) => {
  const x = input("x", [2], dtype);
  const program = graph({
    outputs: Object.fromEntries(Object.entries(functions).map(([name, of]) => [name, of(x)])),
  });
  const { outputs } = interpret(program, { x: [-0, 0] });
  await using session = await compile(program, { backend: cpu({ threads: 1 }) });
  const found = await session.run({ x: Float64Array.of(-0, 0) });
  for (const name of Object.keys(functions)) {
    expect([...(found[name]?.data ?? [])], name).toEqual([-0, 0]);
    expect([...(outputs[name] ?? [])], name).toEqual([-0, 0]);
  }
});
