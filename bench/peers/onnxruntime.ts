// ONNX Runtime, in its WebAssembly and its native form, from a folder in which they are installed (`--onnxruntime`): they
// weigh more than everything else here together, so nobody gets them unasked. Honest settings: as many threads as
// processors, all optimizations of graphs, the right operand and scalars are constants, which it packs when loading. What is
// fed and what comes out cross into its memory and back at every step: it has no other way on a CPU. Forward only.

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Contender, Runner } from "../runner.js";
import { initialValue, type Model, type Workload } from "../workload.js";
import { type OnnxModel, writeOnnx } from "./onnx.js";

interface Tensor {
  readonly data: Float32Array;
}

interface InferenceSession {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

interface Runtime {
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => Tensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<InferenceSession> };
  readonly env: { readonly wasm: { numThreads?: number }; logLevel?: string };
}

function isRuntime(value: unknown): value is Runtime {
  return typeof value === "object" && value !== null && "InferenceSession" in value && "env" in value;
}

/** One that the folder does not have says so and takes no part. */
export function onnxRuntimes(folder: string): Contender[] {
  return (["onnxruntime-web", "onnxruntime-node"] as const).map((name) => {
    const threads = availableParallelism();
    return {
      name,
      settings: `${name}, ${name.endsWith("web") ? "wasm with SIMD" : "native"}, ${threads} threads, forward only, float32`,
      load: async (workload) => {
        const model = makers[workload.model];
        if (typeof model === "string") return model;
        const runtime = find(folder, name);
        if (typeof runtime === "string") return runtime;
        return runner(runtime, model(workload), workload, threads, name.endsWith("web") ? "wasm" : "cpu");
      },
    };
  });
}

function find(folder: string, name: string): Runtime | string {
  try {
    const require = createRequire(join(folder, "package.json"));
    // They share a registry of engines, in which the one that came first would answer for the other.
    for (const file of Object.keys(require.cache)) {
      if (file.includes("onnxruntime-common")) delete require.cache[file];
    }
    const found: unknown = require(name);
    return isRuntime(found) ? found : `${name} in ${folder} is another one`;
  } catch {
    return `${folder} has no ${name}: npm install --ignore-scripts ${name} there`;
  }
}

async function runner(
  runtime: Runtime,
  model: OnnxModel,
  workload: Workload,
  threads: number,
  provider: string,
): Promise<Runner> {
  runtime.env.logLevel = "error";
  runtime.env.wasm.numThreads = threads;
  const session = await runtime.InferenceSession.create(writeOnnx(model), {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
  });
  const [[name, shape], [output]] = [model.input, model.output];
  const feeds = { [name]: new runtime.Tensor("float32", initialValue(workload, name), shape) };
  let last: Float32Array = new Float32Array();
  return {
    step: async () => {
      last = (await session.run(feeds))[output]?.data ?? last;
    },
    result: () => last,
    dispose: () => session.release(),
  };
}

function constant(workload: Workload, name: string): OnnxModel["constants"][string] {
  return { shape: workload.weights[name]?.shape ?? [], data: initialValue(workload, name) };
}

function shapeOf({ weights }: Workload, name: string): readonly number[] {
  return weights[name]?.shape ?? [];
}

const training = "it does not train";
const unwritten = "not written down for it";

const makers = {
  product: (workload: Workload): OnnxModel => ({
    input: ["A", shapeOf(workload, "A")],
    output: ["C", shapeOf(workload, "C")],
    constants: { B: constant(workload, "B") },
    nodes: [{ op: "MatMul", inputs: ["A", "B"], output: "C" }],
  }),
  map: (workload: Workload): OnnxModel => ({
    input: ["x", shapeOf(workload, "x")],
    output: ["z", shapeOf(workload, "z")],
    constants: Object.fromEntries(["a", "b", "c"].map((name) => [name, constant(workload, name)])),
    nodes: [
      { op: "Mul", inputs: ["x", "a"], output: "scaled" },
      { op: "Add", inputs: ["scaled", "b"], output: "shifted" },
      { op: "Gelu", inputs: ["shifted"], output: "curved", attributes: { approximate: "tanh" } },
      { op: "Add", inputs: ["curved", "c"], output: "z" },
    ],
  }),
  textbook: training,
  deep: training,
  lenet: training,
  gpt: training,
  hvp: training,
  hessian: training,
  conv: unwritten,
  softmax: unwritten,
  layerNorm: unwritten,
  columns: unwritten,
  total: unwritten,
  vector: unwritten,
} satisfies Record<Model, ((workload: Workload) => OnnxModel) | string>;
