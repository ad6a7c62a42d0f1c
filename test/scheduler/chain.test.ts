/** Very long programs: nothing recurses over the graph, and planning stays near-linear. */

import { cpu } from "@adjoint/backend-cpu";
import { filled, graph, mul, type Node, parameter, sum, tanh } from "@adjoint/core";
import { compile, gradient, sgd } from "@adjoint/scheduler";
import { expect, it } from "vitest";

it("builds, differentiates, plans and runs a chain of 100 000 ops", async () => {
  const w = parameter("w", [8], filled(0.5));
  let x: Node = w;
  for (let k = 0; k < 50_000; k++) x = tanh(mul(1.0001, x));
  const J = sum(x);
  const [dw] = gradient(J, [w]);
  const session = await compile(graph({ outputs: { J }, updates: sgd([[w, dw]], { learningRate: 0.1 }) }), {
    backend: cpu(),
  });
  let value = 0.5;
  for (let k = 0; k < 50_000; k++) value = Math.tanh(Math.fround(1.0001) * value);
  expect((await session.run({})).J.item()).toBeCloseTo(8 * value, 3);
  await session.dispose();
}, 120_000);
