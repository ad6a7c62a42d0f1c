/** A small training program with optimizer state, its batches, and its parameters as bytes. */

import { cpu } from "@adjoint/backend-cpu";
import {
  type Graph,
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
import { adam, compile, gradient, type ParameterStore, type Plan, type Session } from "@adjoint/scheduler";

/** One step of Adam on a softmax regression of 8 examples. */
export function trainingGraph(): Graph<string, "loss"> {
  const x = input("x", [8, 12]);
  const W = parameter("W", [3, 12], normal({ std: 0.3, seed: 4 }));
  const loss = mean(softmaxCrossEntropy(tanh(matmul(x, transpose(W))), input("y", [8], "int32")));
  const [dW] = gradient(loss, [W]);
  return graph({ outputs: { loss }, updates: adam([[W, dW]], { learningRate: 0.01 }) });
}

export function compiled(): Promise<Session<string, "loss">> {
  return compile(trainingGraph(), { backend: cpu() });
}

/** The batch of a step: another one for each. */
export function batch(step: number): { readonly x: Float32Array; readonly y: Int32Array } {
  return {
    x: Float32Array.from({ length: 96 }, (_, k) => Math.sin(step * 96 + k)),
    y: Int32Array.from({ length: 8 }, (_, k) => (step + k) % 3),
  };
}

/** Every parameter as hexadecimal digits of its bytes. */
export async function bitsOf(session: ParameterStore, { parameters }: Plan): Promise<Record<string, string>> {
  const entries = parameters.map(async ({ name }): Promise<[string, string]> => {
    const { data } = await session.read(name);
    return [name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex")];
  });
  return Object.fromEntries(await Promise.all(entries));
}
