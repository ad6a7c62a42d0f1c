// What cannot be computed in micro-batches is refused, with the node and the reason.

import {
  add,
  batchNormTraining,
  createNode,
  cumSum,
  defineOp,
  filled,
  type Graph,
  graph,
  input,
  linear,
  matmul,
  max,
  mean,
  mul,
  NameError,
  type Node,
  normal,
  parameter,
  relu,
  reshape,
  square,
  sub,
  sum,
  transpose,
} from "@adjoint/core";
import { axisTimes } from "@adjoint/core/kernel";
import { accumulate, gradient, MicroBatchError, microBatchCounts, sgd } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";

const x = input("x", [6, 4]);
const W = parameter("W", [3, 4], normal({ seed: 1 }));

function stepOf(J: Node): Graph {
  const [slope = J] = gradient(J, [W]);
  return graph({ outputs: { J }, updates: sgd([[W, slope]], { learningRate: 0.1 }) });
}

function refusal(
  step: Graph,
  options: Parameters<typeof accumulate>[1] = { microBatches: 2 },
): MicroBatchError {
  try {
    accumulate(step, options);
  } catch (error) {
    if (error instanceof MicroBatchError) return error;
    throw error;
  }
  throw new Error("The step was not refused.");
}

describe("examples that mix", () => {
  test("in batch normalization: the node that reads the mean", () => {
    const h = linear<string>(x, W);
    const running = {
      mean: parameter("running.mean", [3], filled(0), { state: true }),
      variance: parameter("running.variance", [3], filled(1), { state: true }),
    };
    const { output, updates } = batchNormTraining<string>(h, { running });
    const J = mean(square(relu(output)));
    const [slope = J] = gradient(J, [W]);
    const step = graph({
      outputs: { J },
      updates: [...sgd([[W, slope]], { learningRate: 0.1 }), ...updates],
    });
    const error = refusal(step);
    expect(error.obstacle).toBe("mixing");
    expect(error.node?.op.name).toBe("sub");
    expect(error.address).toBe(String(error.node));
    expect(error.message).toMatch(
      /^sub\(.*\): float32\[6, 3\] reads, for every example, what depends on all of them: mul/,
    );
    expect(error.message).toContain("batch normalization");
  });

  test.each<[string, Node, string, RegExp]>([
    [
      "pairs of examples",
      matmul<string>(linear<string>(x, W), transpose(linear<string>(x, W))),
      "matmul",
      /combines each example/,
    ],
    [
      "running sums over examples",
      cumSum<string>(linear<string>(x, W), { axis: 0 }),
      "cumSum",
      /several examples of/,
    ],
    [
      "rows of several examples",
      reshape<string>(linear<string>(x, W), [3, 6]),
      "reshape",
      /several examples of/,
    ],
    [
      "distance to the best",
      sub<string>(linear<string>(x, W), max(linear<string>(x, W), { axes: 0 })),
      "sub",
      /all of them: max/,
    ],
  ])("in %s", (_, node, op, reason) => {
    const error = refusal(graph({ outputs: { J: mean(node) } }));
    expect(error).toMatchObject({ obstacle: "mixing", node: { op: { name: op } } });
    expect(error.message).toMatch(reason);
  });

  test("but not where a statistic is of the inputs alone", () => {
    const J = mean(square(linear<string>(sub(x, mean(x, { axes: 0 })), W)));
    expect(() => accumulate(stepOf(J), { microBatches: 2 })).not.toThrow();
  });

  test("in an op that means something else for a part", () => {
    const average = defineOp({
      name: "average",
      doc: "Each element divided by the number of rows.",
      operands: ["x"],
      attributes: {},
      notation: "{x}",
      infer: ([type]) => type,
      lower: ([type]) => ({
        kind: "map",
        loops: {
          reduced: [],
          accesses: [{ index: type.shape.map((_, axis) => axisTimes(axis)) }],
          body: {
            kind: "operation",
            op: "div",
            dtype: "float32",
            inputs: [
              { kind: "argument", index: 0, dtype: "float32" },
              { kind: "constant", value: type.shape[0] ?? 1, dtype: "float32" },
            ],
          },
        },
      }),
    });
    const error = refusal(graph({ outputs: { J: sum(createNode(average, [x])) } }));
    expect(error).toMatchObject({ obstacle: "mixing", node: { op: { name: "average" } } });
    expect(error.message).toContain("means something else for a part");
  });
});

describe("batches that do not divide", () => {
  const step = stepOf(mean(square(linear<string>(x, W))));

  test("evenly: with the numbers that do", () => {
    const error = refusal(step, { microBatches: 4 });
    expect(error).toMatchObject({ obstacle: "count", node: { op: { name: "input" } } });
    expect(error.message).toContain("axis 0 of x = input(): float32[6, 4]");
    expect(error.message).toContain("give one of 1, 2, 3, 6");
    expect(microBatchCounts(step)).toEqual([1, 2, 3, 6]);
  });

  test("because there is none", () => {
    const alone = stepOf(sum(square(W)));
    expect(refusal(alone)).toMatchObject({ obstacle: "batch", node: undefined });
    expect(refusal(alone).message).toContain("inputs: none");
    const scalar = stepOf(mul<string>(input("rate", []), sum(square(W))));
    expect(refusal(scalar).message).toContain("rate = input(): float32[]");
  });

  test("because inputs disagree: until told", () => {
    const v = input("v", [4]);
    const two = graph({ outputs: { J: add<string>(mean(matmul<string>(x, v)), sum(W)) } });
    expect(refusal(two).message).toContain("Is the batch of 6 or of 4 examples");
    expect(() => accumulate(two, { microBatches: 2, batch: { x: 0 } })).not.toThrow();
    expect(microBatchCounts(two, { batch: { x: 1, v: 0 } })).toEqual([1, 2, 4]);
  });

  test("because of wrong options", () => {
    expect(() => accumulate(step, { microBatches: 2, batch: { z: 0 } })).toThrow(NameError);
    expect(refusal(step, { microBatches: 2, batch: { x: 2 } }).message).toContain("has no axis 2");
    for (const microBatches of [0, -1, 1.5, Number.NaN]) {
      expect(() => accumulate(step, { microBatches })).toThrow("must be a positive integer");
    }
  });

  test("and one micro-batch is the step itself", () => {
    expect(accumulate(step, { microBatches: 1 })).toBe(step);
  });
});
