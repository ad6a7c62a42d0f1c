/** A network that learns, as text, and examples for it: what the tests of run, train and check use. */

import { writeSafetensors } from "@adjoint/interchange";

/** Softmax regression of 4 numbers on 3 classes, 8 examples a batch, that lowers J by itself. */
export const trainingText = `graph {
  input x: float32[8, 4]
  input y: int32[8]
  parameter W: float32[3, 4] = normal(mean: 0, std: 0.3, seed: 5)
  transpose_1 = transpose(W, permutation: [1, 0]): float32[4, 3]
  o = matmul(x, transpose_1): float32[8, 3]
  l = sparseSoftmaxCrossEntropy(o, y): float32[8]
  sum_1 = sum(l, axes: [0], keepDims: false): float32[]
  eighth = 0.125: float32[]
  J = mul(sum_1, eighth): float32[]
  output J
}
`;

/** Examples whose class is the largest of the first three numbers; labels as PyTorch stores them. */
export function examples(count: number): Uint8Array {
  const x = Float32Array.from({ length: 4 * count }, (_, k) => Math.sin(1.3 * k * k + k));
  const y = BigInt64Array.from({ length: count }, (_, row) => {
    const scores = [...x.subarray(4 * row, 4 * row + 3)];
    return BigInt(scores.indexOf(Math.max(...scores)));
  });
  return writeSafetensors({
    x: { dtype: "float32", shape: [count, 4], data: x },
    y: { dtype: "int64", shape: [count], data: y },
  });
}
