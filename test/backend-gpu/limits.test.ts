// Devices with little: memory in several buffers, bindings that operands share.

import { gpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import { add, type Graph, graph, input, MemoryError, mul, type Node, relu } from "@adjoint/core";
import { compile, load, type OutputRecord } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { altered, limited } from "./altered.js";
import { clearingByLoop, createDawn, leastDevice } from "./dawn.js";
import { requestGpu } from "./device.js";
import { nullDevice } from "./null.js";

const kibi = 1024;
const limits = { maxBufferSize: 16 * kibi, maxStorageBufferBindingSize: 8 * kibi };
const available = await requestGpu();

/** Values of 4 KiB that all live to the end, and a kernel of all of them. */
function wide(count: number, dtype: "float32" | "float16" = "float32"): Graph {
  const size = (4 * kibi) / (dtype === "float32" ? 4 : 2);
  const inputs = Array.from({ length: count }, (_, k) => input(`x${k}`, [size], dtype));
  const next = (k: number): Node => inputs[(k + 1) % count] ?? input("none", []);
  const outputs: Record<string, Node> = {};
  for (const [k, x] of inputs.entries()) outputs[`y${k}`] = relu(add(x, next(k)));
  outputs["total"] = inputs.reduce<Node>((total, x, k) => add(total, mul(k, x)), next(0));
  return graph({ outputs });
}

/** The device, and the sizes of the buffers that it is asked for. */
function measured(device: WebGpuDevice): { device: WebGpuDevice; sizes: number[] } {
  const sizes: number[] = [];
  const watched = altered(device, (key, value) => {
    if (key !== "createBuffer" || typeof value !== "function") return value;
    return (descriptor: { readonly size: number }): unknown => {
      sizes.push(descriptor.size);
      return value(descriptor);
    };
  });
  return { device: watched, sizes };
}

async function run(device: WebGpuDevice, program: Graph): Promise<OutputRecord<string>> {
  const feeds = program.inputs.map((node, k): [string, Float32Array] => [
    program.nameOf(node),
    Float32Array.from({ length: kibi }, (_, i) => Math.sin(i + 7 * k)),
  ]);
  const session = await compile(program, { backend: gpu(device), verify: true });
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.dispose();
  return outputs;
}

describe("a device with small buffers", () => {
  test.skipIf(typeof available === "string").each([
    ["as many bindings as kernels ask for", 8],
    ["fewer bindings than kernels ask for", 5],
  ])(
    `and %s gives the same bits${typeof available === "string" ? `: ${available}` : ""}`,
    async (_, bindings) => {
      const device = await leastDevice(await createDawn(clearingByLoop));
      const program = wide(7);
      const little = { ...limits, maxStorageBuffersPerShaderStage: bindings };
      const { device: small, sizes } = measured(limited(device, little));
      const found = await run(small, program);
      const expected = await run(device, program);
      for (const [name, { data }] of Object.entries(expected)) expect(found[name]?.data, name).toEqual(data);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.maxBufferSize);
      // Inputs take 28 KiB, the arena 32, as much as a step that is read back, of which two may be on their way.
      expect(sizes.filter((size) => size === limits.maxBufferSize).length).toBeGreaterThanOrEqual(7);
    },
  );

  test.skipIf(typeof available === "string")(
    `takes more workgroups than a dimension of a dispatch has${typeof available === "string" ? `: ${available}` : ""}`,
    async () => {
      if (typeof available === "string") return;
      // 65 597 workgroups of 256 threads: rows of an odd length are not taken four at a time.
      const [rows, columns] = [4099, 4097];
      const y = add(input("a", [rows, 1]), input("b", [columns]));
      const session = await compile(graph({ outputs: { y } }), { backend: available });
      const a = Float32Array.from({ length: rows }, (_, i) => i);
      const b = Float32Array.from({ length: columns }, (_, j) => j / 1024);
      const { data } = (await session.run({ a, b })).y;
      await session.dispose();
      const wrong = data.findIndex(
        (element, k) => element !== Math.floor(k / columns) + (k % columns) / 1024,
      );
      expect(wrong).toBe(-1);
    },
  );

  test("of halves, with fewer bindings than kernels ask for, has valid shaders", async () => {
    const device = limited(await nullDevice("shader-f16"), { ...limits, maxStorageBuffersPerShaderStage: 7 });
    await (await compile(wide(11, "float16"), { backend: gpu(device) })).dispose();
  });

  test("refuses a kernel whose operands are too far apart for its bindings, by its node", async () => {
    const device = limited(await nullDevice(), { ...limits, maxStorageBuffersPerShaderStage: 4 });
    const failure = compile(wide(11), { backend: gpu(device) });
    await expect(failure).rejects.toThrow(MemoryError);
    await expect(failure).rejects.toThrow(
      /^total \(kernel \d+ of program\) has 12 operands; .* binds 4 .* 8192 bytes/,
    );
  });

  test("refuses plans for larger buffers, by nodes", async () => {
    const session = await compile(wide(11), { backend: gpu(await nullDevice()) });
    const device = limited(await nullDevice(), { maxBufferSize: 2 * kibi });
    await expect(load(session.plan, { backend: gpu(device) })).rejects.toThrow(
      /^x0 share 4096 bytes; .*: plan again/,
    );
    await session.dispose();
  });
});
