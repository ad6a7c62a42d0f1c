// PyTorch, eager and compiled, and JAX, each in a Python process of its own that keeps its own time: what passes between the
// processes is in no step. Honest settings: as many threads as processors (JAX takes all), the state on the device from step
// to step and donated in JAX, feeds from the host, the loss or the derivatives back to it. See `python/serve.py`.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contender, Lap, Runner } from "../runner.js";
import { initialValue, type Model, type Workload } from "../workload.js";
import { curvatureDecay, curvatureSizes } from "../workloads/curvature.js";
import { deepRate, deepSizes } from "../workloads/deep.js";
import { gptDecay, gptRate, gptSizes } from "../workloads/gpt.js";
import { lenetRate } from "../workloads/lenet.js";
import { textbookDecay, textbookRate } from "../workloads/textbook.js";

const frameworks = ["torch", "torch.compile", "jax"] as const;

/** What the models need to know beside their weights. */
const constants: Readonly<Partial<Record<Model, Readonly<Record<string, number | string>>>>> = {
  textbook: { optimizer: "sgd", rate: textbookRate, decay: textbookDecay },
  deep: { optimizer: "adam", rate: deepRate, layers: deepSizes.length - 1 },
  lenet: { optimizer: "sgd", rate: lenetRate },
  gpt: { optimizer: "adamW", rate: gptRate, decay: gptDecay, ...gptSizes },
  hvp: { ...curvatureSizes, decay: curvatureDecay },
  hessian: { ...curvatureSizes, decay: curvatureDecay },
};

export function pythons(path: string): Contender[] {
  const threads = availableParallelism();
  return frameworks.map((name) => ({
    name,
    settings: `${name === "jax" ? "JAX, `jit`" : `PyTorch, ${name === "torch" ? "eager" : "compiled"}`}, ${threads} threads, in its own process, float32`,
    load: (workload) => load(path, name, workload, threads),
  }));
}

async function load(
  path: string,
  framework: string,
  workload: Workload,
  threads: number,
): Promise<Runner | string> {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-bench-"));
  write(folder, workload);
  const script = fileURLToPath(new URL("../../peers/python/serve.py", import.meta.url));
  const child = spawn(path, [script, framework, folder, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ask = conversation(child);
  const dispose = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const hello = await ask();
  if (typeof hello["ready"] !== "string") {
    dispose();
    return String(hello["refused"] ?? hello["failed"]);
  }
  const timed = async (): Promise<Lap> => {
    const { wall, processor } = await ask({ step: true });
    if (typeof wall === "number" && typeof processor === "number") return { wall, processor };
    throw new Error(`${framework} stopped in ${workload.name}.`);
  };
  return {
    timed,
    step: async () => {
      await timed();
    },
    result: async () => {
      await ask({ result: true });
      const { buffer } = new Uint8Array(readFileSync(join(folder, "result.bin")));
      return new Float32Array(buffer);
    },
    dispose,
  };
}

type Message = Readonly<Record<string, unknown>>;

/** Sends a request, if any, and gives the next answer; one that says `failed` where the process has ended. */
function conversation(child: ChildProcess): (request?: Message) => Promise<Message> {
  const waiting: ((answer: Message) => void)[] = [];
  let failure: Message | undefined;
  const end = (reason: string): void => {
    failure = { failed: reason };
    for (const resolve of waiting.splice(0)) resolve(failure);
  };
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
  child.on("error", ({ message }) => end(message));
  child.on("exit", (code) => end(`Python ended with ${code}`));
  child.stdin?.on("error", () => undefined);
  return (request) => {
    if (failure !== undefined) return Promise.resolve(failure);
    if (request !== undefined) child.stdin?.write(`${JSON.stringify(request)}\n`);
    return new Promise((resolve) => waiting.push(resolve));
  };
}

function write(folder: string, workload: Workload): void {
  const { model, weights, feeds } = workload;
  const save = (name: string, data: Float32Array | Int32Array): void =>
    writeFileSync(join(folder, `${name}.bin`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  for (const name of Object.keys(weights)) save(`weights-${name}`, initialValue(workload, name));
  for (const [name, { data }] of Object.entries(feeds)) save(`feeds-${name}`, data);
  const described = {
    model,
    constants: constants[model] ?? {},
    weights: Object.fromEntries(
      Object.entries(weights).map(([name, { shape }]) => [name, { shape, dtype: "float32" }]),
    ),
    feeds: Object.fromEntries(
      Object.entries(feeds).map(([name, { shape, data }]) => {
        return [name, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }];
      }),
    ),
  };
  writeFileSync(join(folder, "workload.json"), JSON.stringify(described));
}
