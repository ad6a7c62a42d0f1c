/** Ops keep axes in one form only, whoever builds the node: text and JSON cannot smuggle in another. */

import {
  AttributeError,
  createNode,
  input,
  iota,
  logSumExp,
  type Op,
  parseGraph,
  reverse,
  softmax,
  sum,
} from "@adjoint/core";
import { describe, expect, it } from "vitest";

const x = input("x", [2, 3]);
const ops: readonly (readonly [string, Op, readonly number[]])[] = [
  ["sum", sum.op, [-1]],
  ["sum", sum.op, [1, 0]],
  ["sum", sum.op, [0, 0]],
  ["logSumExp", logSumExp.op, [-2]],
];

describe("axes", () => {
  it.each(ops)("%s refuses %s as %s", (_, op, axes) => {
    expect(() => createNode(op, [x], { axes, keepDims: false })).toThrow(AttributeError);
  });

  it("says how they must be written", () => {
    expect(() => createNode(reverse.op, [x], { axes: [-1] })).toThrow(/axes \[-1\] must be written as \[1\]/);
    expect(() => createNode(softmax.op, [x], { axes: [-1] })).toThrow(/must be written as \[1\]/);
    expect(() => createNode(iota.op, [], { shape: [2], axis: -1, dtype: "int32" })).toThrow(
      /axis -1 must be written as 0/,
    );
    const text =
      "graph {\n  input x: float32[2]\n  y = sum(x, axes: [-1], keepDims: false): float32[]\n  output y\n}";
    expect(() => parseGraph(text)).toThrow(/must be written as/);
  });
});
