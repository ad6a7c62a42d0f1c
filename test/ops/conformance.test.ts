/**
 * Every backend gives what the interpreter gives, for the values, gradients and second derivatives of every case, in each
 * float dtype it has, and refuses a case whose dtypes it lacks. What a backend leaves out besides is listed with its reason.
 */

import { cpu } from "@adjoint/backend-cpu";
import { DTypeError, type Graph, interpret, type Shape } from "@adjoint/core";
import { type Backend, compile, reference } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import { expectClose } from "./compare.js";
import { derivativesOf } from "./derivatives.js";
import { allCases, instantiate, isDifferentiated } from "./instance.js";

interface Participant {
  readonly backend: () => Backend;
  readonly floats: readonly ("float32" | "float64")[];
  /** Relative to the largest expected magnitude of an output. */
  readonly tolerance: Readonly<Record<"float32" | "float64", number>>;
  /** Reasons by case name. */
  readonly skipped: Readonly<Record<string, string>>;
}

const participants: Readonly<Record<string, Participant>> = {
  reference: {
    backend: reference,
    floats: ["float64"],
    tolerance: { float32: 0, float64: 1e-12 },
    skipped: {},
  },
  cpu: {
    backend: () => cpu(),
    floats: ["float32", "float64"],
    tolerance: { float32: 2e-5, float64: 1e-10 },
    skipped: {},
  },
};

/** The feeds of a graph with their shapes, at points that float32 inputs can hold. */
function feedsOf(
  graph: Graph,
  drawn: Readonly<Record<string, readonly number[]>>,
): Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>> {
  const entries = graph.inputs.map((node) => {
    const name = graph.nameOf(node);
    const elements = drawn[name] ?? [];
    const data = node.dtype === "float32" ? elements.map(Math.fround) : elements;
    return [name, { shape: node.shape, data }] as const;
  });
  return Object.fromEntries(entries);
}

for (const [title, { backend, floats, tolerance, skipped }] of Object.entries(participants)) {
  describe.each(floats)(`${title} in %s`, (float) => {
    test.each(allCases().filter(([name]) => skipped[name] === undefined))("%s", async (name, item) => {
      const instance = instantiate(name, item, float);
      const order = !isDifferentiated(instance)
        ? 0
        : item.order === 0 && item.gradients === undefined
          ? 1
          : 2;
      const { graph, feeds: drawn } = derivativesOf(instance, order);
      const feeds = feedsOf(graph, drawn);
      const flat = Object.fromEntries(Object.entries(feeds).map(([input, { data }]) => [input, data]));
      const expected: Readonly<Record<string, Float64Array>> = interpret(graph, flat).outputs;
      const chosen = backend();
      const options = { backend: chosen, verify: true };
      if (graph.nodes.some(({ dtype }) => !chosen.target.dtypes.includes(dtype))) {
        await expect(compile(graph, options)).rejects.toThrow(DTypeError);
        return;
      }
      const session = await compile(graph, options);
      const outputs = await session.run(feeds);
      await session.dispose();
      const allowed =
        float === "float32" ? (item.tolerance?.float32 ?? tolerance.float32) : tolerance.float64;
      for (const [output, list] of Object.entries(expected)) {
        expectClose(outputs[output]?.data ?? [], list, allowed, output, "list");
      }
    });

    test("skips only cases that exist", () => {
      const names = new Set(allCases().map(([name]) => name));
      expect(Object.keys(skipped).filter((name) => !names.has(name))).toEqual([]);
    });
  });
}
