// Graphs made by hand that several tests read and write, and an op that is not in the catalogue.

import {
  add,
  constant,
  createNode,
  defineOp,
  equal,
  type Graph,
  graph,
  input,
  iota,
  label,
  logSumExp,
  markDerivativeOrder,
  matmul,
  mul,
  type Node,
  normal,
  type Op,
  parameter,
  relu,
  reshape,
  square,
  sub,
  sum,
  transpose,
  uniform,
  values,
  where,
} from "@adjoint/core";

/** A network with one hidden layer, its loss, and one update that looks like an optimizer's. */
export function network(): Graph {
  const x = input("x", [4, 3]);
  const y = input("y", [4], "int32");
  const W = parameter("W", [2, 3], normal({ std: 0.05, seed: 1 }));
  const velocity = parameter("velocity", [2, 3], undefined, { state: true });
  const o = relu(matmul(x, transpose(W)));
  const chosen = where(equal(iota([2]), reshape(y, [4, 1])), o, 0);
  const losses = sub(logSumExp(o, { axes: 1 }), sum(chosen, { axes: 1 }));
  const J = add(mul(sum(losses), 0.25), mul(0.5, sum(square(W))));
  const [slope = W] = markDerivativeOrder([mul(W, 1e-7)], new Set([W]), 1);
  const next = label(add(mul(0.9, velocity), slope), "next velocity");
  return graph({
    outputs: { J, o },
    updates: [
      { parameter: velocity, value: next },
      { parameter: W, value: sub(W, next) },
    ],
  });
}

/** Every kind of attribute, with every value that is hard to write. */
export const probe: Op = defineOp({
  name: "probe",
  doc: "Holds attributes.",
  operands: ["x"],
  variadic: true,
  attributes: {
    count: "integer",
    sizes: "integers",
    scale: "number",
    weights: "numbers",
    exact: "boolean",
    "the text": "string",
    kind: "dtype",
    start: "initializer",
  },
  notation: "{x}",
  infer: ([x]) => x,
  lower: () => ({ kind: "reshape" }),
});

export const hardText = 'quotes " and \\ and \n\t\u0000\u2028 and é 漢 😀 and \ud800 // no comment }';
export const hardNumbers = [
  0,
  -0,
  NaN,
  Infinity,
  -Infinity,
  0.1,
  1 / 3,
  5e-324,
  1.7976931348623157e308,
  -1e21,
  1e-7,
];

/** Attributes, constants, initial values and names that are hard to write. */
export function hard(): Graph {
  const x = input("input", []);
  const probed = (start: ReturnType<typeof normal>, ...operands: readonly Node[]): Node =>
    createNode(probe, operands, {
      count: -9007199254740991,
      sizes: [3, -1, 0],
      scale: -0,
      weights: hardNumbers,
      exact: true,
      "the text": hardText,
      kind: "bool",
      start,
    });
  const first = label(probed(normal({ mean: NaN, std: -0, seed: 2 ** 52 + 1 }), x), hardText);
  const second = label(probed(uniform({ low: -Infinity, high: 5e-324 }), first, x, first), "output");
  const third = label(probed(values(hardNumbers), second), "add_7");
  const table = constant(hardNumbers, { dtype: "float64" });
  return graph({
    outputs: {
      third,
      table,
      "": sum(add(third, constant(NaN, { shape: [2, 0] }))),
      [hardText]: parameter("state", [11], values(hardNumbers), { dtype: "float64", state: true }),
      ["__proto__"]: label(add(x, -0), "update"),
      7: parameter("_.9", [], { kind: "constant", value: -0 }),
    },
  });
}
