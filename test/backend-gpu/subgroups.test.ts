// Sums with and without subgroups: both are taken, and both are as exact as sums in a tree.

import { gpu } from "@adjoint/backend-gpu";
import { graph, input, max, sum } from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { clearingByLoop, createDawn } from "./dawn.js";
import { requestGpu } from "./device.js";
import { nullGpu } from "./null.js";
import { WatchedGpu } from "./watched.js";

const available = await requestGpu();
const [rows, columns] = [3, 3001];
const x = Float32Array.from({ length: rows * columns }, (_, k) => 1 + Math.sin(k) / 3);
const exact = Array.from({ length: rows }, (_, row) =>
  x.subarray(row * columns, (row + 1) * columns).reduce((total, element) => total + element, 0),
);

function program() {
  const given = input("x", [rows, columns]);
  return graph({ outputs: { sums: sum(given, { axes: [1] }), most: max(given, { axes: [1] }) } });
}

/** Shaders of kernels: what tries subgroups has bindings of another name. */
function areUsed({ shaders }: WatchedGpu): boolean {
  return shaders.some((text) => text.includes("subgroupShuffleXor") && !text.includes("> found:"));
}

describe("subgroups", () => {
  test.skipIf(typeof available === "string").each([
    ["found by trying", undefined],
    ["asked for", true],
    ["refused", false],
  ])(`%s${typeof available === "string" ? `: ${available}` : ""}`, async (_, subgroups) => {
    const seen = new WatchedGpu(await createDawn(clearingByLoop));
    const options = subgroups === undefined ? {} : { subgroups };
    const session = await compile(program(), { backend: gpu({ gpu: seen, ...options }) });
    expect(areUsed(seen)).toBe(seen.features.has("subgroups") && subgroups !== false);
    const { sums, most } = await session.run({ x });
    for (const [row, total] of exact.entries())
      expect(Math.abs((sums.data[row] ?? 0) - total) / total).toBeLessThan(3e-7);
    expect(Array.from(most.data)).toEqual(
      exact.map((_, row) => Math.max(...x.subarray(row * columns, (row + 1) * columns))),
    );
    await session.dispose();
  });

  test("are not used where threads are not found to be neighbors", async () => {
    // The null backend has the feature and computes nothing.
    const seen = new WatchedGpu(nullGpu);
    const session = await compile(program(), { backend: gpu({ gpu: seen }) });
    expect(seen.features.has("subgroups")).toBe(true);
    expect(seen.shaders.filter((text) => text.includes("workgroupBarrier"))).not.toEqual([]);
    expect(areUsed(seen)).toBe(false);
    await session.dispose();
  });
});
