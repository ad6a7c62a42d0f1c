// Which form of shader sums of products take: tiles of shared memory, in parts where the sum is long, or lanes of a point.

import { gpu } from "@adjoint/backend-gpu";
import {
  argSort,
  conv2d,
  cumSum,
  graph,
  input,
  linearScan,
  lu,
  matmul,
  type Node,
  square,
  sum,
  transpose,
} from "@adjoint/core";
import { compile, gradient } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { nullGpu } from "./null.js";
import { WatchedGpu } from "./watched.js";

/** The shaders of a program, told from those that try the device. */
async function shadersOf(outputs: Readonly<Record<string, Node>>): Promise<string[]> {
  const seen = new WatchedGpu(nullGpu);
  await (await compile(graph({ outputs }), { backend: gpu({ gpu: seen, subgroups: false }) })).dispose();
  return seen.shaders;
}

function product(rows: number, inner: number, columns: number): Record<string, Node> {
  return { y: matmul(input("x", [rows, inner]), input("w", [inner, columns])) };
}

function isTiled(text: string): boolean {
  return text.includes("var<workgroup> left_tile");
}

/** Rows and columns of a tile, by the size of its shared memory. */
function tileOf(text: string): number[] {
  const width = (name: string): number => {
    const [, quads] = new RegExp(`${name}_tile: array<vec4<f32>, (\\d+)>`).exec(text) ?? [];
    const [, pitch] = new RegExp(`${name}_tile\\[s \\* (\\d+)i`).exec(text) ?? [];
    expect(Number(quads) % Number(pitch)).toBe(0);
    return 4 * (Number(pitch) - 1);
  };
  return [width("left"), width("right")];
}

/** Whether a factor comes from memory four elements at a time. */
function readsQuads(text: string, name: "left" | "right"): boolean {
  return new RegExp(`${name}_r0 = .*b\\d+\\[.*>> 2u\\]`).test(text);
}

describe("a sum of products", () => {
  test.each<[rows: number, inner: number, columns: number, tile: readonly number[]]>([
    [2048, 64, 2048, [128, 64]],
    [512, 64, 1024, [64, 64]],
    [200, 64, 100, [32, 32]],
    [20_000, 100, 6, [128, 8]],
    [20_000, 100, 12, [128, 16]],
    [7, 100, 20_000, [8, 128]],
    [13, 100, 20_000, [16, 128]],
  ])("of %i × %i × %i takes tiles of %j", async (rows, inner, columns, tile) => {
    const [text = "", ...others] = await shadersOf(product(rows, inner, columns));
    expect(others).toEqual([]);
    expect(isTiled(text)).toBe(true);
    expect(tileOf(text)).toEqual(tile);
    expect([readsQuads(text, "left"), readsQuads(text, "right")]).toEqual([true, columns % 4 === 0]);
  });

  test("that is long and leaves few tiles is made of parts", async () => {
    const [parts = "", whole = "", ...others] = await shadersOf(product(64, 4096, 64));
    expect(others).toEqual([]);
    expect(parts).toMatch(/let inner_start = i\d+ \* \d+i;/);
    expect(isTiled(parts)).toBe(true);
    expect(isTiled(whole)).toBe(false);
  });

  test.each([
    ["a matrix and a vector", { y: matmul(input("x", [300, 784]), input("v", [784])) }],
    ["a row and a transposed matrix", { y: matmul(input("x", [1, 784]), transpose(input("w", [256, 784]))) }],
  ])("of %s is shared by lanes, which read quads", async (_, outputs) => {
    const [text = "", ...others] = await shadersOf(outputs);
    expect(others).toEqual([]);
    expect(isTiled(text)).toBe(false);
    expect(text).toMatch(/t \+= \d+i/);
    expect(text).toMatch(/let q\d+ = b\d+\[/);
  });

  test("of small matrices is done by a few threads for each element", async () => {
    const [text = "", ...others] = await shadersOf(product(12, 40, 10));
    expect(others).toEqual([]);
    expect(isTiled(text)).toBe(false);
    expect(text).toMatch(/t \+= \d+i/);
  });

  test("in a convolution and in both of its adjoints takes tiles", async () => {
    const [x, kernel] = [input("x", [8, 32, 20, 20]), input("kernel", [48, 32, 3, 3])];
    const y = conv2d(x, kernel, { padding: 1, strides: [2, 2] });
    const [dx, dk] = gradient(sum(square(y)), [x, kernel]);
    const each = await Promise.all(
      [y, dx, dk].map((node) => shadersOf({ y, ...(node === undefined ? {} : { node }) })),
    );
    expect(each.map((shaders) => shaders.filter(isTiled).length)).toEqual([1, 2, 2]);
  });
});

test("a long recurrence is made of parts, one thread for each", async () => {
  const shaders = await shadersOf({ y: linearScan(input("a", [10_000]), input("b", [10_000])) });
  expect(shaders).toHaveLength(3);
  const [partial = "", , rest = ""] = shaders;
  for (const text of [partial, rest]) {
    expect(text).toContain("if (point >= 100i)");
    expect(text).toContain("i3 < 100i");
  }
});

describe("a scan", () => {
  test("of a long row is made of parts, in each of which all threads share", async () => {
    const shaders = await shadersOf({ y: cumSum(input("x", [1_000_000])) });
    expect(shaders).toHaveLength(3);
    const [partial = "", , rest = ""] = shaders;
    for (const text of [partial, rest]) expect(text).toMatch(/i\d+ \* 2045i/);
    for (const text of shaders) expect(text).toContain("workgroupBarrier");
  });

  test("of short rows is shared by lanes", async () => {
    const [text = "", ...others] = await shadersOf({ y: cumSum(input("x", [10, 3000])) });
    expect(others).toEqual([]);
    expect(text).toContain("@workgroup_size(256)");
    expect(text).not.toContain("if (lane == 0i)");
  });
});

test("a long sort has a thread for every pair of each of its passes", async () => {
  const shaders = await shadersOf({ y: argSort(input("x", [20_000])) });
  expect(shaders.length).toBeGreaterThan(20);
  for (const text of shaders) expect(text).not.toContain("for (");
});

test("all threads of a workgroup take part in eliminating rows of a matrix of any size", async () => {
  const [text = "", ...others] = await shadersOf({ y: lu(input("x", [300, 300])) });
  expect(others).toEqual([]);
  expect(text).toContain("@workgroup_size(256)");
  // Every loop but the one over steps goes in strides of the workgroup, or halves what a tree combines.
  const heads = [...text.matchAll(/for \((.*)\) \{/g)].map(([, head]) => head);
  expect(heads.filter((head) => head?.includes("+= 256i"))).toHaveLength(7);
  expect(heads.filter((head) => !/256i|half/.test(head ?? ""))).toEqual(["var i1 = 0i; i1 < 300i; i1++"]);
});
