/** A saved plan runs in a process that has never seen its graph, and gives the same bits. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { cpu } from "@adjoint/backend-cpu";
import {
  graph,
  input,
  matmul,
  mean,
  normal,
  parameter,
  softmaxCrossEntropy,
  tanh,
  transpose,
} from "@adjoint/core";
import { adam, compile, gradient, planToJson } from "@adjoint/scheduler";
import { expect, it } from "vitest";
import { execute } from "../process/execute.js";

const images = Array.from({ length: 8 * 12 }, (_, k) => Math.sin(k));
const labels = Array.from({ length: 8 }, (_, k) => k % 3);

/** Three steps of a saved plan; prints the loss and a parameter as bytes. */
const program = `
import { readFileSync } from "node:fs";
import { cpu } from "@adjoint/backend-cpu";
import { load, planFromJson } from "@adjoint/scheduler";
const session = await load(planFromJson(readFileSync(process.argv[2], "utf8")), { backend: cpu() });
const x = Float32Array.from(${JSON.stringify(images)});
const y = Int32Array.from(${JSON.stringify(labels)});
let loss;
for (let k = 0; k < 3; k++) loss = (await session.run({ x, y })).loss;
const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("hex");
console.log(bytes(loss.data) + " " + bytes((await session.read("W")).data));
`;

it("a saved plan gives the same bits in a new process", async () => {
  const x = input("x", [8, 12]);
  const W = parameter("W", [3, 12], normal({ std: 0.3, seed: 4 }));
  const loss = mean(softmaxCrossEntropy(tanh(matmul(x, transpose(W))), input("y", [8], "int32")));
  const [dW] = gradient(loss, [W]);
  const step = graph({ outputs: { loss }, updates: adam([[W, dW]], { learningRate: 0.01 }) });
  const session = await compile(step, { backend: cpu() });
  const folder = mkdtempSync(join(tmpdir(), "plan-"));
  try {
    writeFileSync(join(folder, "plan.json"), planToJson(session.plan));
    // Beside this file, so that packages resolve as they do here.
    const script = fileURLToPath(new URL(`./replay-${process.pid}.mjs`, import.meta.url));
    writeFileSync(script, program);
    try {
      const printed = (await execute(process.execPath, [script, join(folder, "plan.json")], folder)).trim();
      const feeds = { x: Float32Array.from(images), y: Int32Array.from(labels) };
      let last = await session.run(feeds);
      for (let k = 1; k < 3; k++) last = await session.run(feeds);
      const bytes = ({ buffer, byteOffset, byteLength }: Readonly<ArrayBufferView>): string =>
        Buffer.from(buffer, byteOffset, byteLength).toString("hex");
      expect(printed).toBe(`${bytes(last.loss.data)} ${bytes((await session.read(W)).data)}`);
    } finally {
      rmSync(script);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
