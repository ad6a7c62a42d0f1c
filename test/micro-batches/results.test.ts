// Every model in micro-batches gives the loss, predictions, gradients and updates of the whole batch.

import { cpu } from "@adjoint/backend-cpu";
import { type Graph, interpret, verifyGraph } from "@adjoint/core";
import { accumulate, compile } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { expectClose } from "../ops/compare.js";
import { batch, feedsOf, type Model, models } from "./models.js";

const slow = 120_000;

function divide(step: Graph, { batch: axes }: Model, microBatches: number): Graph {
  return accumulate(step, { microBatches, ...(axes === undefined ? {} : { batch: axes }) });
}

/** Names and types of everything that goes in and out. */
function interfaceOf(graph: Graph): unknown {
  const leaves = [...graph.inputs, ...graph.parameters].map(String).sort();
  const outputs = Object.entries(graph.outputs).map(([name, { dtype, shape }]) => [name, dtype, shape]);
  return { leaves, outputs, updates: graph.updates.map(({ parameter }) => String(parameter)) };
}

describe.each(Object.entries(models))("%s", (name, model) => {
  test("in 1, 2, 4 and 8 micro-batches, interpreted in float64", { timeout: slow }, () => {
    const step = model.declare("float64");
    const feeds = feedsOf(name, step);
    const truth = interpret(step, feeds);
    for (const parts of [1, 2, 4, batch]) {
      const divided = divide(step, model, parts);
      verifyGraph(divided);
      expect(interfaceOf(divided)).toEqual(interfaceOf(step));
      const found = interpret(divided, feeds);
      for (const [output, values] of Object.entries(truth.outputs)) {
        expect(Math.max(...values.map(Math.abs)), `${output} is not all zero`).toBeGreaterThan(0);
        expectClose(found.outputs[output] ?? [], values, 1e-12, `${output} in ${parts}`);
      }
      for (const [parameter, values] of truth.updates)
        expectClose(found.updates.get(parameter) ?? [], values, 1e-12, `${parameter} in ${parts}`);
    }
  });

  test("in 2 and 8 micro-batches, two steps on the CPU in float32", { timeout: slow }, async () => {
    const step = model.declare("float32");
    const feeds = Object.fromEntries(
      Object.entries(feedsOf(name, step)).map(([input, values]) => [input, Float64Array.from(values)]),
    );
    const whole = await compile(step, { backend: cpu(), verify: true });
    const truths = [await whole.run(feeds), await whole.run(feeds)];
    for (const parts of [2, batch]) {
      const divided = await compile(divide(step, model, parts), { backend: cpu(), verify: true });
      for (const truth of truths) {
        const found = await divided.run(feeds);
        for (const [output, { data }] of Object.entries(truth))
          expectClose(found[output]?.data ?? [], data, 2e-5, `${output} in ${parts}`, "list");
      }
      for (const { parameter } of step.updates) {
        const updated = step.nameOf(parameter);
        const [expected, found] = [await whole.read(updated), await divided.read(updated)];
        expectClose(found.data, expected.data, 2e-5, `${updated} in ${parts}`, "list");
      }
      await divided.dispose();
    }
    await whole.dispose();
  });
});
