// A device keeps the shaders that were asked for last, however many programs it has seen. On Dawn's null backend.

import { gpu } from "@adjoint/backend-gpu";
import { type Graph, graph, input, mul } from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { expect, test } from "vitest";
import { nullGpu } from "./null.js";
import { WatchedGpu } from "./watched.js";

/** As many shaders, each with a factor of its own. */
function shaders(count: number, first: number): Graph {
  const x = input("x", [4]);
  const named = Array.from({ length: count }, (_, k) => [`y${k}`, mul(x, first + k)] as const);
  return graph({ outputs: Object.fromEntries(named) });
}

test("shaders are compiled once, and forgotten when a thousand others were asked for since", async () => {
  const watched = new WatchedGpu(nullGpu);
  const backend = gpu({ gpu: watched });
  const compiled = async (program: Graph): Promise<number> => {
    watched.reset();
    const session = await compile(program, { backend });
    await session.dispose();
    return new Set(watched.shaders).size;
  };
  // Keeps the device.
  await using _ = await compile(shaders(1, 0.5), { backend });
  const program = shaders(3, 2);
  expect(await compiled(program)).toBe(3);
  expect(await compiled(program)).toBe(0);
  expect(await compiled(shaders(1021, 10))).toBe(1021);
  expect(await compiled(program)).toBe(0);
  expect(await compiled(shaders(1024, 2000))).toBe(1024);
  expect(await compiled(program)).toBe(3);
});
