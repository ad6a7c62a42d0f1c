// Halves: kept in 16 bits, computed in float32. Where the device has them the results are those of float32 but for the last
// rounding; where it has not, a program with them is refused by its node, and its shaders are valid on the null backend.

import { cpu } from "@adjoint/backend-cpu";
import {
  add,
  conv2d,
  DTypeError,
  gelu,
  graph,
  input,
  layerNorm,
  matmul,
  mul,
  sizeOf,
  softmax,
  square,
  sum,
  transpose,
} from "@adjoint/core";
import { halfBits, halfValue } from "@adjoint/core/kernel";
import { type Backend, compile, gradient } from "@adjoint/scheduler";
import { expect, test } from "vitest";
import { expectClose } from "../ops/compare.js";
import { direction, stream } from "../ops/draw.js";
import { openGpu } from "./device.js";
import { openNull } from "./null.js";

const backend = await openGpu();

/** Relative to the largest element: the last rounding, and those of what lies in memory between kernels. */
const tolerance = 2e-3;

/** Products in tiles, in parts and by lanes, a convolution with both adjoints, rows and sums. */
function program(dtype: "float16" | "float32") {
  const of = (name: string, ...shape: number[]) => input(name, shape, dtype);
  const [a, b, long, v] = [of("a", 132, 64), of("b", 64, 100), of("long", 40, 1024), of("v", 64)];
  const [image, kernel] = [of("image", 4, 8, 12, 12), of("kernel", 20, 8, 3, 3)];
  const map = conv2d(image, kernel, { padding: 1 });
  const [dimage = map, dkernel = map] = gradient(sum(mul(0.01, square(map))), [image, kernel]);
  const product = matmul(a, b);
  const outputs = {
    product: gelu(add(product, 0.5)),
    gram: matmul(mul(1 / 32, long), transpose(long)),
    row: matmul(a, v),
    soft: softmax(product),
    normal: layerNorm(long),
    total: mul(1 / 32, sum(long, { axes: [1] })),
    map,
    dimage,
    dkernel,
  };
  return graph({ outputs });
}

/** Elements that halves can hold. */
function draw(name: string, size: number): number[] {
  return direction(size, stream(name)).map((element) => halfValue(halfBits(element)));
}

async function run(on: Backend, dtype: "float16" | "float32"): Promise<Record<string, number[]>> {
  const declared = program(dtype);
  const feeds = declared.inputs.map((node) => {
    const name = declared.nameOf(node);
    return [name, { shape: node.shape, data: draw(name, sizeOf(node.shape)) }] as const;
  });
  const session = await compile(declared, { backend: on, verify: true });
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.dispose();
  const values = Object.entries(outputs).map(([name, { data }]): [string, number[]] => [
    name,
    Array.from(data, data instanceof Uint16Array ? halfValue : Number),
  ]);
  return Object.fromEntries(values);
}

test(`halves on a device: ${typeof backend === "string" ? backend : backend.target.dtypes.join(", ")}`, async (context) => {
  if (typeof backend === "string") return context.skip(backend);
  if (!backend.target.dtypes.includes("float16")) {
    await expect(compile(program("float16"), { backend })).rejects.toThrow(DTypeError);
    return;
  }
  const [found, expected] = [await run(backend, "float16"), await run(cpu(), "float32")];
  for (const [name, values] of Object.entries(expected))
    expectClose(found[name] ?? [], values, tolerance, name, "list");
});

test("shaders with halves are valid", async () => {
  const validating = await openNull();
  expect(validating.target.dtypes).toContain("float16");
  await (await compile(program("float16"), { backend: validating })).dispose();
});
