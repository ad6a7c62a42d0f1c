// Large programs give on WebGPU what they give on the CPU, and the same bits every time.

import { cpu } from "@adjoint/backend-cpu";
import { type Backend, compile, type OutputRecord } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { expectClose } from "../ops/compare.js";
import { openGpu } from "./device.js";
import { type LargeProgram, largePrograms } from "./programs.js";

const backend = await openGpu();

async function run(on: Backend, { graph, feeds }: LargeProgram): Promise<OutputRecord<string>[]> {
  const session = await compile(graph, { backend: on, verify: true });
  const results = [await session.run(feeds), await session.run(feeds)];
  await session.dispose();
  return results;
}

describe("large programs on gpu", () => {
  if (typeof backend === "string") {
    test.skip(backend, () => undefined);
    return;
  }
  test.each(largePrograms)("$name", async (program) => {
    const [first = {}, second = {}] = await run(backend, program);
    const [expected = {}] = await run(cpu(), program);
    for (const [name, { data }] of Object.entries(expected)) {
      expectClose(first[name]?.data ?? [], data, program.tolerance, name, "list");
      expect(first[name]?.data, `${name}, run again`).toEqual(second[name]?.data);
    }
  });
});
