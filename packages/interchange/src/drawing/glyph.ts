/** What stands in the circle of an op. It refuses to know LaTeX. */

const glyphs: Readonly<Record<string, string>> = {
  add: "+",
  sub: "−",
  neg: "−",
  mul: "⊙",
  chain: "⊙",
  div: "÷",
  matmul: "×",
  square: "x²",
  sum: "Σ",
  transpose: "⊤",
  reciprocal: "1/x",
  sqrt: "√",
  rsqrt: "1/√",
  sigmoid: "σ",
  sparseSoftmaxCrossEntropy: "cross-entropy",
  conv: "conv",
  where: "where",
  greater: ">",
  greaterEqual: "≥",
  less: "<",
  lessEqual: "≤",
  equal: "=",
  notEqual: "≠",
  power: "xⁿ",
  concat: "concat",
  "adjoint of softmax": "softmax − onehot",
  "adjoint of conv x": "convᵀ",
  "adjoint of conv w": "conv",
};

export function glyphOf(op: string): string {
  return (Object.hasOwn(glyphs, op) ? glyphs[op] : undefined) ?? op.replaceAll("'", "′");
}
