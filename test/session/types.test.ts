/** What the compiler knows: feeds and outputs by name, as many gradients as nodes. Wrong programs must not compile. */

import { cpu } from "@adjoint/backend-cpu";
import {
  add,
  concat,
  type FeedsOf,
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
  transpose,
  where,
} from "@adjoint/core";
import {
  compile,
  type FeedData,
  gradient,
  hvp,
  type Program,
  type Session,
  sgd,
  type Tensor,
} from "@adjoint/scheduler";
import { describe, expectTypeOf, it } from "vitest";

const x = input("x", [4, 3]);
const y = input("y", [4], "int32");
const W = parameter("W", [2, 3]);
const o = matmul(x, transpose(W));
const L = mean(softmaxCrossEntropy(relu(o), y));

describe("types", () => {
  it("carry the names of inputs through every op", () => {
    expectTypeOf(x).toEqualTypeOf<Node<"x">>();
    expectTypeOf(W).toEqualTypeOf<Node<never>>();
    expectTypeOf(o).toEqualTypeOf<Node<"x">>();
    expectTypeOf(L).toEqualTypeOf<Node<"x" | "y">>();
    expectTypeOf(mul(2, x)).toEqualTypeOf<Node<"x">>();
    expectTypeOf(add(x, sum(input("z", [3])))).toEqualTypeOf<Node<"x" | "z">>();
    expectTypeOf(concat([x, input("u", [1, 3]), W])).toEqualTypeOf<Node<"x" | "u">>();
    expectTypeOf(where(input("p", [], "bool"), x, 0)).toEqualTypeOf<Node<"p" | "x">>();
    expectTypeOf<FeedsOf<typeof L>>().toEqualTypeOf<"x" | "y">();
    expectTypeOf<Node<"x">>().toExtend<Node>();
    expectTypeOf<Node>().not.toExtend<Node<"x">>();
  });

  it("give as many gradients as nodes", () => {
    const [dW, dx] = gradient(L, [W, x]);
    expectTypeOf(dW).toEqualTypeOf<Node<"x" | "y">>();
    expectTypeOf(dx).toEqualTypeOf<Node<"x" | "y">>();
    const one = gradient(L, [W]);
    expectTypeOf(one.length).toEqualTypeOf<1>();
    expectTypeOf(hvp(sum(square(x)), [x], [input("v", [4, 3])])[0]).toEqualTypeOf<Node<"x" | "v">>();
    const list: readonly Node[] = [W, x];
    expectTypeOf(gradient(L, list)).toExtend<readonly Node[]>();
  });

  it("name feeds and outputs of a session", async () => {
    const [dW] = gradient(L, [W]);
    const rate = input("rate", []);
    const step = graph({ outputs: { L, o }, updates: sgd([[W, dW]], { learningRate: rate }) });
    const session = await compile(step, { backend: cpu() });
    expectTypeOf(session).toEqualTypeOf<Session<"x" | "y" | "rate", "L" | "o">>();
    expectTypeOf(session.run).parameter(0).toEqualTypeOf<{
      readonly x: FeedData;
      readonly y: FeedData;
      readonly rate: FeedData;
    }>();
    expectTypeOf(session.run).returns.resolves.toEqualTypeOf<{ readonly L: Tensor; readonly o: Tensor }>();
    const both = await compile({ train: step, predict: graph({ outputs: { o } }) }, { backend: cpu() });
    expectTypeOf(both.train).toEqualTypeOf<Program<"x" | "y" | "rate", "L" | "o">>();
    expectTypeOf(both.predict).toEqualTypeOf<Program<"x", "o">>();
    expectTypeOf(both).not.toHaveProperty("test");
  });

  it("let a program without inputs run without feeds", async () => {
    const session = await compile(graph({ outputs: { s: sum(W) } }), { backend: cpu() });
    expectTypeOf(session.run).toBeCallableWith();
    expectTypeOf((await session.run()).s.item()).toEqualTypeOf<number>();
  });
});
