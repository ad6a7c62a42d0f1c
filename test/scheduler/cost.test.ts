/** What derivatives cost, in counted scalar operations of their plans: small constant multiples of the forward pass. */

import {
  add,
  graph,
  input,
  matmul,
  mean,
  mul,
  type Node,
  parameter,
  relu,
  softmaxCrossEntropy,
  square,
  sum,
  tanh,
  transpose,
} from "@adjoint/core";
import { gradient, hvp, jvp, plan, reference } from "@adjoint/scheduler";
import { describe, expect, it } from "vitest";

const { target } = reference();
const [n, d, h, q] = [64, 48, 32, 10];
const x = input("x", [n, d]);
const y = input("y", [n], "int32");
const W1 = parameter("W1", [h, d]);
const W2 = parameter("W2", [q, h]);
const [V1, V2] = [input("V1", [h, d]), input("V2", [q, h])];

function flops(outputs: Readonly<Record<string, Node>>): number {
  return plan(graph({ outputs }), { target }).memory.flops;
}

describe.each([
  ["relu", relu],
  ["tanh", tanh],
] as const)("the textbook network with %s", (_, activation) => {
  const o = matmul(activation(matmul(x, transpose(W1))), transpose(W2));
  const J = add(mean(softmaxCrossEntropy(o, y)), mul(1e-4, add(sum(square(W1)), sum(square(W2)))));
  const forward = flops({ J });
  const [dW1, dW2] = gradient(J, [W1, W2]);
  const [H1, H2] = hvp(J, [W1, W2], [V1, V2]);

  it("forward takes two operations per multiply-add, 2 (n d h + n h q), and little else", () => {
    const products = 2 * (n * d * h + n * h * q);
    expect(forward).toBeGreaterThanOrEqual(products);
    expect(forward).toBeLessThan(1.2 * products);
  });

  it("a gradient costs at most three forward passes", () => {
    expect(flops({ J, dW1, dW2 })).toBeLessThan(3 * forward);
  });

  it("a Hessian-vector product with its gradient costs at most three gradients", () => {
    const product = flops({ J, dW1, dW2, H1, H2 });
    expect(product).toBeLessThan(3 * flops({ J, dW1, dW2 }));
  });

  it("a Jacobian-vector product costs at most four forward passes", () => {
    expect(flops({ J, dJ: jvp(J, [W1, W2], [V1, V2]) })).toBeLessThan(4 * forward);
  });
});
