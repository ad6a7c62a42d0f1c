// Loaded plans: host data in and out, parameters shared by programs, errors, and no memory taken while stepping.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cpu } from "@adjoint/backend-cpu";
import {
  DisposedError,
  type DType,
  DTypeError,
  MemoryError,
  NameError,
  ShapeError,
  VerificationError,
} from "@adjoint/core";
import { constant, operation } from "@adjoint/core/kernel";
import type { Executable, HostArray, Plan } from "@adjoint/scheduler/plan";
import { describe, expect, test } from "vitest";
import { elementwise, planOf, type Tensor } from "./plans.js";

const one = constant(1, "float32");
const increment = (size: number) =>
  elementwise(size, ["float32", "float32"], (x) => operation("add", [x ?? one, one]));
const sum = (size: number) =>
  elementwise(size, ["float32", "float32", "float32"], (x, y) => operation("add", [x ?? one, y ?? one]));

const tensor = (
  name: string,
  space: Tensor["space"],
  shape: readonly number[],
  dtype: DType = "float32",
): Tensor => {
  return { name, space, shape, dtype };
};

/** w ← w + x, and gives the old w + x. */
function training(size = 5): Plan {
  return planOf(
    [tensor("w", "parameter", [size]), tensor("x", "input", [size]), tensor("y", "arena", [size])],
    [
      { kernel: sum(size), buffers: ["w", "x", "y"] },
      { kernel: sum(size), buffers: ["w", "x", "w"] },
    ],
    ["y"],
  );
}

/** w + 1. */
function prediction(size = 5): Plan {
  return planOf(
    [tensor("z", "arena", [size]), tensor("w", "parameter", [size])],
    [{ kernel: increment(size), buffers: ["w", "z"] }],
    ["z", "w"],
  );
}

async function loadOne(plan: Plan): Promise<Executable> {
  return cpu().load(new Map([["main", plan]]));
}

const feeds = (entries: Readonly<Record<string, HostArray>>): ReadonlyMap<string, HostArray> =>
  new Map(Object.entries(entries));

test("programs share parameters by name", async () => {
  const executable = await cpu().load(
    new Map([
      ["train", training()],
      ["predict", prediction()],
    ]),
  );
  await executable.write("w", Float32Array.of(1, 2, 3, 4, 5));
  const x = Float32Array.of(10, 20, 30, 40, 50);
  const first = await executable.run("train", feeds({ x }));
  expect(first.get("y")).toEqual(Float32Array.of(11, 22, 33, 44, 55));
  expect(await executable.read("w")).toEqual(Float32Array.of(11, 22, 33, 44, 55));
  const second = await executable.run("predict", feeds({}));
  expect(second.get("z")).toEqual(Float32Array.of(12, 23, 34, 45, 56));
  expect(second.get("w")).toEqual(await executable.read("w"));
  // One parameter, one input, and an arena for the program with the larger one.
  expect(executable.bytes).toBe(3 * 64);
  // Outputs are copies.
  first.get("y")?.fill(0);
  expect(await executable.read("w")).toEqual(Float32Array.of(11, 22, 33, 44, 55));
});

test("constants, bools and every dtype go in and out", async () => {
  const kinds = ["float32", "float64", "int32", "uint32", "bool"] as const;
  const data = {
    float32: Float32Array.of(1.5, -2, 3),
    float64: Float64Array.of(0.1, 1e300, -3),
    int32: Int32Array.of(-1, 2, -2147483648),
    uint32: Uint32Array.of(1, 4294967295, 3),
    bool: Uint8Array.of(1, 0, 1),
  } as const;
  for (const dtype of kinds) {
    const copy = elementwise(3, [dtype, dtype], (x) => x ?? constant(0, dtype));
    const plan = planOf(
      [
        tensor("x", "input", [3], dtype),
        tensor("y", "arena", [3], dtype),
        { ...tensor("c", "constant", [3], dtype), values: [...data[dtype]] },
        tensor("d", "arena", [3], dtype),
        tensor("p", "parameter", [3], dtype),
      ],
      [
        { kernel: copy, buffers: ["x", "y"] },
        { kernel: copy, buffers: ["c", "d"] },
      ],
      ["y", "d"],
    );
    const executable = await loadOne(plan);
    const outputs = await executable.run("main", feeds({ x: data[dtype] }));
    expect(outputs.get("y")).toEqual(data[dtype]);
    expect(outputs.get("d")).toEqual(data[dtype]);
    await executable.write("p", data[dtype]);
    expect(await executable.read("p")).toEqual(data[dtype]);
  }
  const negate = elementwise(3, ["bool", "bool"], (x) => operation("not", [x ?? constant(0, "bool")]));
  const plan = planOf(
    [tensor("x", "input", [3], "bool"), tensor("y", "arena", [3], "bool")],
    [{ kernel: negate, buffers: ["x", "y"] }],
    ["y"],
  );
  const outputs = await (await loadOne(plan)).run("main", feeds({ x: Uint8Array.of(7, 0, 1) }));
  expect(outputs.get("y")).toEqual(Uint8Array.of(0, 1, 0));
});

test("empty tensors and programs without steps", async () => {
  const nothing = planOf([tensor("x", "input", [0, 3])], [], ["x"]);
  const outputs = await (await loadOne(nothing)).run("main", feeds({ x: new Float32Array(0) }));
  expect(outputs.get("x")).toEqual(new Float32Array(0));
  const empty = planOf(
    [tensor("x", "input", [0]), tensor("y", "arena", [0])],
    [{ kernel: increment(0), buffers: ["x", "y"] }],
    ["y"],
  );
  expect((await (await loadOne(empty)).run("main", feeds({ x: new Float32Array(0) }))).get("y")).toHaveLength(
    0,
  );
});

test("a hundred thousand steps", async () => {
  const kernel = increment(3);
  const steps = Array.from({ length: 100_000 }, (_, i) => ({
    kernel,
    buffers: i === 0 ? ["x", "y"] : ["y", "y"],
  }));
  const plan = planOf([tensor("x", "input", [3]), tensor("y", "arena", [3])], steps, ["y"]);
  const executable = await loadOne(plan);
  const outputs = await executable.run("main", feeds({ x: Float32Array.of(1, 2, 3) }));
  expect(outputs.get("y")).toEqual(Float32Array.of(100_001, 100_002, 100_003));
});

describe("is refused with a typed error", () => {
  test("data of another kind, length or name", async () => {
    const executable = await loadOne(training());
    const x = new Float32Array(5);
    await expect(executable.run("main", feeds({ x: new Int32Array(5) }))).rejects.toThrow(DTypeError);
    await expect(executable.run("main", feeds({ x: new Float32Array(4) }))).rejects.toThrow(ShapeError);
    await expect(executable.run("main", feeds({}))).rejects.toThrow(/needs a feed for input x/);
    await expect(executable.run("main", feeds({ x, z: x }))).rejects.toThrow(/no input z/);
    await expect(executable.run("other", feeds({ x }))).rejects.toThrow(NameError);
    await expect(executable.read("v")).rejects.toThrow(NameError);
    await expect(executable.write("w", new Float64Array(5))).rejects.toThrow(DTypeError);
    await expect(executable.write("w", new Float32Array(6))).rejects.toThrow(ShapeError);
  });

  test("use after disposal", async () => {
    const executable = await loadOne(training());
    await executable.dispose();
    await executable.dispose();
    await expect(executable.run("main", feeds({ x: new Float32Array(5) }))).rejects.toThrow(DisposedError);
    await expect(executable.read("w")).rejects.toThrow(DisposedError);
  });

  test("a plan for another target, or parameters that differ", async () => {
    await expect(loadOne({ ...training(), target: "gpu" })).rejects.toThrow(VerificationError);
    const both = new Map([
      ["a", training(5)],
      ["b", prediction(6)],
    ]);
    await expect(cpu().load(both)).rejects.toThrow(/Parameter w is float32 with 6 elements/);
  });

  test("more memory than there can be, with the bytes of each space", async () => {
    const plan = planOf([tensor("x", "input", [2 ** 29]), tensor("y", "arena", [2 ** 30])], [], ["y"]);
    const failure = loadOne(plan);
    await expect(failure).rejects.toThrow(MemoryError);
    await expect(failure).rejects.toThrow(/6442450944 bytes.*inputs 2147483648, arena 4294967296/);
  });

  test("loading that is aborted", async () => {
    const load = cpu().load(new Map([["main", training()]]), { signal: AbortSignal.abort() });
    await expect(load).rejects.toThrow(/aborted/);
  });
});

test("loading reports its progress", async () => {
  const seen: (readonly [number, number])[] = [];
  const plans = new Map([
    ["train", training()],
    ["predict", prediction()],
  ]);
  await cpu().load(plans, { onProgress: (done, total) => seen.push([done, total]) });
  expect(seen.map(([done]) => done)).toEqual(seen.map((_, index) => index + 1));
  expect(seen.at(-1)).toEqual([seen.length, seen.length]);
});

test.each([1, 2])("10 000 steps take no memory with %i threads", async (threads) => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const executable = await cpu({ threads, divideFrom: 0 }).load(new Map([["main", training(1000)]]));
  const { bytes } = executable;
  const given = feeds({ x: new Float32Array(1000).fill(1e-3) });
  const step = async (): Promise<number> => (await executable.run("main", given)).get("y")?.[0] ?? 0;
  const used = async (steps: number): Promise<number> => {
    for (let i = 0; i < steps; i++) await step();
    // The first collection finds buffers that the second has then given back.
    for (let times = 0; times < 2; times++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed, arrayBuffers, external } = process.memoryUsage();
    return heapUsed + arrayBuffers + external;
  };
  await used(1000);
  const before = await used(1);
  const steps = 10_000;
  const after = await used(steps);
  // Far less than one output of each step, 4000 bytes; what is left is the test runner's.
  expect((after - before) / steps).toBeLessThan(400);
  expect(executable.bytes).toBe(bytes);
});
