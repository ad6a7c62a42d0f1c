// Every shader of the op table, derivatives too, and of the large programs is valid WGSL with valid bindings, with subgroups
// and without; products, rows and sums in float16 as well.

import { DTypeError, type Graph, graph, input, matmul, mul, softmax, sum } from "@adjoint/core";
import { compile, load } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { derivativesOf } from "../ops/derivatives.js";
import { allCases, instantiate, isDifferentiated } from "../ops/instance.js";
import { nullGpu, openNull } from "./null.js";
import { largePrograms } from "./programs.js";
import { WatchedGpu } from "./watched.js";

const seen = new WatchedGpu(nullGpu);
const backend = await openNull({ gpu: seen, subgroups: true });
const without = await openNull({ subgroups: false });
let inSubgroups = 0;

/** Compiles a program, and its plan without subgroups where a shader uses them. */
async function expectValid(program: Graph): Promise<void> {
  seen.reset();
  const session = await compile(program, { backend });
  if (seen.shaders.some((text) => text.includes("subgroupShuffleXor"))) {
    inSubgroups += 1;
    await (await load(session.plan, { backend: without })).dispose();
  }
  await session.dispose();
}

describe("shaders are valid", () => {
  test.each(allCases())("%s", async (name, item) => {
    const instance = instantiate(name, item, "float32");
    const order = !isDifferentiated(instance) ? 0 : item.order === 0 && item.gradients === undefined ? 1 : 2;
    const { graph: program } = derivativesOf(instance, order);
    if (program.nodes.some(({ dtype }) => !backend.target.dtypes.includes(dtype))) {
      await expect(compile(program, { backend })).rejects.toThrow(DTypeError);
      return;
    }
    await expectValid(program);
  });

  test.each(largePrograms)("$name", async ({ graph: program }) => {
    await expectValid(program);
  });

  test("halves in products, rows and sums", async () => {
    const a = input("a", [64, 48], "float16");
    const b = input("b", [48, 32], "float16");
    const y = mul(0.5, matmul(a, b));
    const program = graph({ outputs: { y, rows: softmax(y), total: sum(y) } });
    await expectValid(program);
  });

  test("which use subgroups were among them", () => {
    expect(inSubgroups).toBeGreaterThan(10);
  });
});
