/** Derivatives built from gradients, checked against closed forms and each other. */

import {
  add,
  constant,
  cos,
  exp,
  GradientError,
  graph,
  graphFromJson,
  graphToJson,
  input,
  interpret,
  label,
  matmul,
  mul,
  type Node,
  parameter,
  parseGraph,
  pow,
  printGraph,
  sin,
  sub,
  sum,
  tanh,
  transpose,
  values,
} from "@adjoint/core";
import {
  checkGradients,
  customGradient,
  gradient,
  hessian,
  hvp,
  jacobian,
  jvp,
  vjp,
} from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";
import { expectClose } from "../golden/numbers.js";

const x = input("x", [3], "float64");
const v = input("v", [3], "float64");
const feeds = { x: [0.3, -1.2, 2], v: [1, 0.5, -2] };

function run(node: Node): Float64Array {
  return interpret(graph({ outputs: { node } }), feeds).outputs.node;
}

describe("transformations", () => {
  it("vjp and jvp are transposes of each other", () => {
    const y = mul(sin(x), exp(mul(0.5, x)));
    const pushed = run(sum(mul(jvp(y, [x], [v]), v)));
    const [pulled] = vjp(y, [x], v);
    expectClose(run(sum(mul(pulled, v))), pushed, 1e-14);
    expectClose(
      run(jvp(y, [x], [v])),
      feeds.x.map((t, i) => (Math.cos(t) + 0.5 * Math.sin(t)) * Math.exp(0.5 * t) * (feeds.v[i] ?? 0)),
      1e-14,
    );
  });

  it("jvp takes several nodes at once and outputs of any shape", () => {
    const y = matmul(transpose(constant([[1, 2, 3]], { dtype: "float64" })), input("r", [1, 2], "float64"));
    const r = y.operands[1];
    if (r === undefined) return expect.fail("a product has two operands");
    const moved = jvp(y, [r], [constant([[1, 10]], { dtype: "float64" })]);
    expect(moved.shape).toEqual([3, 2]);
    const outputs = interpret(graph({ outputs: { moved } }), { r: [5, 6] }).outputs;
    expect(Array.from(outputs.moved)).toEqual([1, 10, 2, 20, 3, 30]);
  });

  it("hvp multiplies by the Hessian, and the Hessian is symmetric", () => {
    const y = sum(mul(sin(x), mul(x, sum(exp(x)))));
    const matrix = run(hessian(y, x));
    expect(matrix).toHaveLength(9);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      expect(matrix[3 * i + j]).toBeCloseTo(matrix[3 * j + i] ?? Number.NaN, 12);
    }
    const [product] = hvp(y, [x], [v]);
    const expected = [0, 1, 2].map((i) =>
      feeds.v.reduce((total, vj, j) => total + (matrix[3 * i + j] ?? 0) * vj, 0),
    );
    expectClose(run(product), expected, 1e-13);
  });

  it("jacobian has a row per output element", () => {
    const y = mul(x, sum(x));
    const matrix = jacobian(y, x);
    expect(matrix.shape).toEqual([3, 3]);
    const total = feeds.x.reduce((a, b) => a + b, 0);
    expectClose(
      run(matrix),
      [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => (feeds.x[i] ?? 0) + (i === j ? total : 0))),
      1e-14,
    );
    expect(jacobian(constant([], { dtype: "float64" }), x).shape).toEqual([0, 3]);
  });

  it("differentiates to any order", () => {
    let y: Node = sum(sin(mul(2, x)));
    for (let order = 1; order <= 5; order++) {
      const [dy] = gradient(y, [x]);
      y = sum(dy);
    }
    expectClose(run(y), [feeds.x.reduce((total, t) => total + 32 * Math.cos(2 * t), 0)], 1e-13);
  });

  it("states the derivative order of what it makes", () => {
    const [first] = gradient(sum(sin(x)), [x]);
    const [second] = gradient(sum(first), [x]);
    expect([first.derivativeOrder, second.derivativeOrder]).toEqual([1, 2]);
  });

  it("gives zeros where nothing depends, and refuses what has no derivative", () => {
    const unrelated = parameter("p", [2], values([1, 2]), { dtype: "float64" });
    const [zero] = gradient(sum(x), [unrelated]);
    expect(Array.from(interpret(graph({ outputs: { zero } })).outputs.zero)).toEqual([0, 0]);
    expect(() => gradient(x, [x])).toThrow(GradientError);
    expect(() => gradient(x, [x])).toThrow(/seed/);
    expect(() => gradient(x, [x], { seed: constant(1, { dtype: "float64" }) })).toThrow(GradientError);
    expect(() => gradient(sum(x), [input("k", [2], "int32")])).toThrow(/int32/);
    expect(() => hvp(sum(x), [x], [constant(1, { dtype: "float64" })])).toThrow(GradientError);
  });

  it("customGradient replaces an adjoint and can be differentiated again", () => {
    const clipped = customGradient(
      (a = x) => sin(a),
      [x],
      ({ xs: [a], adjoint }) => [mul(adjoint, mul(10, a ?? x))],
    );
    expectClose(run(clipped), feeds.x.map(Math.sin), 1e-15);
    const [first] = gradient(sum(clipped), [x]);
    expectClose(
      run(first),
      feeds.x.map((t) => 10 * t),
      1e-15,
    );
    const [second] = gradient(sum(first), [x]);
    expect(Array.from(run(second))).toEqual([10, 10, 10]);
    const wrong = customGradient(
      (a = x) => sin(a),
      [x],
      () => [],
    );
    expect(() => gradient(sum(wrong), [x])).toThrow(/0 adjoints for 1/);
  });

  it("customGradient is read from files without its rule: it runs, and is not differentiated", () => {
    const custom = customGradient(
      (a = x) => sin(a),
      [x],
      () => [undefined],
    );
    const whole = graph({ outputs: { y: label(custom, "y") } });
    const forms = [
      parseGraph(printGraph(whole)),
      graphFromJson(JSON.parse(JSON.stringify(graphToJson(whole)))),
    ];
    for (const read of forms) {
      expect(printGraph(read)).toBe(printGraph(whole));
      expect(interpret(read, feeds).outputs).toEqual(interpret(whole, feeds).outputs);
      const y = read.outputs["y"] ?? x;
      expect(() => gradient(sum(y), read.inputs)).toThrow(
        new GradientError(
          `${String(y)} has a gradient of its own, given by a function, which no file holds: differentiate the graph before it is saved.`,
          "y",
        ),
      );
    }
  });
});

describe("checkGradients", () => {
  it("passes what is right, to second order", () => {
    const report = checkGradients(mul(tanh(x), pow(x, 2)), [x], { values: feeds });
    expect(report).toMatchObject({ passed: true, checked: 6 });
  });

  it("names the element of a wrong adjoint", () => {
    const wrong = customGradient(
      (a = x) => mul(a, a),
      [x],
      ({ xs: [a], adjoint }) => [mul(adjoint, add(a ?? x, 1))],
    );
    const report = checkGradients(wrong, [x], { values: feeds, order: 1 });
    expect(report.passed).toBe(false);
    expect(report.worst).toMatchObject({ order: 1, name: "x" });
  });

  it("varies inputs and parameters only", () => {
    expect(() => checkGradients(sum(sub(x, 1)), [sub(x, 1)], { values: feeds })).toThrow(GradientError);
    expect(checkGradients(cos(x), [x], { values: feeds, order: 1 }).checked).toBe(3);
  });
});
