// Every shader of the op table, derivatives too, and of the large programs is valid WGSL with valid bindings; the large
// programs in float16 as well.

import { DTypeError, graph, input, matmul, mul, softmax, sum } from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { derivativesOf } from "../ops/derivatives.js";
import { allCases, instantiate, isDifferentiated } from "../ops/instance.js";
import { openNull } from "./null.js";
import { largePrograms } from "./programs.js";

const backend = await openNull();

describe("shaders are valid", () => {
  test.each(allCases())("%s", async (name, item) => {
    const instance = instantiate(name, item, "float32");
    const order = !isDifferentiated(instance) ? 0 : item.order === 0 && item.gradients === undefined ? 1 : 2;
    const { graph: program } = derivativesOf(instance, order);
    if (program.nodes.some(({ dtype }) => !backend.target.dtypes.includes(dtype))) {
      await expect(compile(program, { backend })).rejects.toThrow(DTypeError);
      return;
    }
    await (await compile(program, { backend })).dispose();
  });

  test.each(largePrograms)("$name", async ({ graph: program }) => {
    await (await compile(program, { backend })).dispose();
  });

  test("halves in products, rows and sums", async () => {
    const a = input("a", [64, 48], "float16");
    const b = input("b", [48, 32], "float16");
    const y = mul(0.5, matmul(a, b));
    const program = graph({ outputs: { y, rows: softmax(y), total: sum(y) } });
    await (await compile(program, { backend })).dispose();
  });
});
