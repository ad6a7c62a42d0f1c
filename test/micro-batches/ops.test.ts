// Every case of every op, its operands divided in every way: what is not refused gives the same results and adjoints.

import { graph, type Interpretation, interpret, type Node, verifyGraph } from "@adjoint/core";
import { accumulate, gradient, MicroBatchError } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { expectClose } from "../ops/compare.js";
import {
  allCases,
  type Instance,
  innerProduct,
  inputsLike,
  instantiate,
  isDifferentiated,
} from "../ops/instance.js";

interface Division {
  readonly batch: Readonly<Record<string, number>>;
  readonly parts: number;
}

/** The first axis of each input alone, and every axis together with all inputs that have its extent there. */
function divisionsOf(inputs: readonly Node[]): Division[] {
  const divisions = inputs.flatMap((node) =>
    node.shape.flatMap((extent, axis): Division[] => {
      const like = inputs.filter(({ shape }) => shape[axis] === extent);
      const groups = axis === 0 && like.length > 1 ? [[node], like] : [like];
      const parts = [2, 3].find((count) => extent % count === 0) ?? extent;
      if (extent < 2) return [];
      return groups.map((group) => {
        const names = group.map(({ attributes }) => String(attributes["name"])).sort();
        return { batch: Object.fromEntries(names.map((name) => [name, axis])), parts };
      });
    }),
  );
  return [...new Map(divisions.map((division) => [JSON.stringify(division), division])).values()];
}

/** The results of a case and, where there are any, its adjoints for given ones of the results. */
function programOf(instance: Instance): { outputs: Record<string, Node>; seeds: readonly Node[] } {
  const outputs = Object.fromEntries(instance.results.map((node, i) => [`r${i}`, node]));
  if (!isDifferentiated(instance)) return { outputs, seeds: [] };
  const floats = instance.results.filter(({ dtype }) => dtype.startsWith("float"));
  const seeds = inputsLike("u", floats);
  const adjoints = gradient(innerProduct(floats, seeds), instance.differentiable);
  return {
    outputs: { ...outputs, ...Object.fromEntries(adjoints.map((node, i) => [`d${i}`, node])) },
    seeds,
  };
}

function refused(error: unknown): void {
  if (!(error instanceof MicroBatchError)) throw error;
  expect(error.obstacle).not.toBe("batch");
}

describe("in micro-batches", () => {
  test.each(allCases())("%s", (name, item) => {
    const instance = instantiate(name, item);
    const { outputs, seeds } = programOf(instance);
    const step = graph({ outputs });
    const feeds: Record<string, readonly number[]> = { ...instance.feeds };
    for (const [i, seed] of seeds.entries()) {
      const size = seed.shape.reduce((product, extent) => product * extent, 1);
      feeds[`u${i}`] = Array.from({ length: size }, (_, k) => Math.sin(1 + k * k));
    }
    let truth: Interpretation | undefined;
    for (const { batch, parts } of divisionsOf(step.inputs)) {
      try {
        const divided = accumulate(step, { microBatches: parts, batch });
        verifyGraph(divided);
        truth ??= interpret(step, feeds);
        const found = interpret(divided, feeds);
        for (const [output, values] of Object.entries(truth.outputs)) {
          expectClose(
            found.outputs[output] ?? [],
            values,
            1e-10,
            `${output}, ${JSON.stringify(batch)} in ${parts}`,
          );
        }
      } catch (error) {
        refused(error);
      }
    }
  });
});
