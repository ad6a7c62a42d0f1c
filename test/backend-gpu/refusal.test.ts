// What a device has no room for is refused when planning, by the name of its node; a shader that it refuses is told by node,
// kernel and line. On Dawn's null backend, which needs no driver.

import { gpu, type WebGpuDevice } from "@adjoint/backend-gpu";
import { graph, input, MemoryError, matmul, mul, softmax, sum, VerificationError } from "@adjoint/core";
import { compile } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { altered } from "./altered.js";
import { nullDevice } from "./null.js";

const mebi = 1 << 20;

/** The device, of whose shaders every one has a fault in the line that begins `let point`. */
function faulty(device: WebGpuDevice): WebGpuDevice {
  return altered(device, (key, value) => {
    if (key !== "createShaderModule" || typeof value !== "function") return value;
    return ({ code }: { readonly code: string }): unknown =>
      value({ code: code.replace("let point = ", "let point = true + ") });
  });
}

describe("a device with the limits that every device has", () => {
  test("refuses a tensor larger than a binding, by its node", async () => {
    const big = mul(input("x", [129, mebi / 4]), 2);
    const failure = compile(graph({ outputs: { big, s: sum(big) } }), { backend: gpu(await nullDevice()) });
    await expect(failure).rejects.toThrow(MemoryError);
    await expect(failure).rejects.toThrow(/^x takes 135266304 bytes; a buffer of gpu has at most 134217728/);
  });

  test("takes what just fits", async () => {
    const x = input("x", [128, mebi / 4]);
    const session = await compile(graph({ outputs: { s: sum(x) } }), { backend: gpu(await nullDevice()) });
    await session.dispose();
  });
});

describe("a shader that the device refuses", () => {
  test.each([
    ["a map", () => mul(input("x", [40, 30]), 2)],
    ["rows", () => softmax(input("x", [20, 300]))],
    ["a small product", () => matmul(input("x", [5, 30]), input("w", [30, 7]))],
  ])("is told by node, kernel and line: %s", async (_, declare) => {
    const device = faulty(await nullDevice());
    const failure = compile(graph({ outputs: { result: declare() } }), {
      backend: gpu(device),
    });
    await expect(failure).rejects.toThrow(VerificationError);
    await expect(failure).rejects.toThrow(
      /The shader of result \(kernel 0.* of program\) is refused: .*bool.* at line \d+ of its WGSL: let point = /s,
    );
  });

  test("is told by the node of the program at hand, however often it was refused", async () => {
    const backend = gpu(faulty(await nullDevice()));
    for (const name of ["first", "second"]) {
      const refused = graph({ outputs: { [name]: mul(input("x", [40, 30]), 2) } });
      await expect(compile(refused, { backend })).rejects.toThrow(`The shader of ${name} (`);
    }
  });
});
