/**
 * The op table as a suite over a backend: it gives what the interpreter gives, for the values, gradients and second
 * derivatives of every case, in each float dtype it has, and refuses a case whose dtypes it lacks. What a backend leaves
 * out besides is listed with its reason. Runs in Node and in browsers alike: nothing of either is used here.
 */

import { DTypeError, type Graph, interpret, type Shape } from "@adjoint/core";
import { halfValue } from "@adjoint/core/kernel";
import { compile, load, type Plan, type Session, type Tensor } from "@adjoint/scheduler";
import { describe, expect, test } from "vitest";
import type { Case } from "../ops/cases/case.js";
import { expectClose } from "../ops/compare.js";
import { derivativesOf } from "../ops/derivatives.js";
import { allCases, type Instance, instantiate, isDifferentiated } from "../ops/instance.js";
import type { Float, Participant } from "./participant.js";

/** Declares the tests of a backend over the whole table of op cases. */
export function describeOps(title: string, participant: Participant): void {
  const { floats, skipped, backends } = participant;
  describe.each(floats)(`ops on ${title} in %s`, (float) => {
    const each = participant.isConcurrent === true ? test.concurrent : test;
    each.each(allCases().filter(([name]) => skipped[name] === undefined))("%s", async (name, item) => {
      await expectConformance(
        backends,
        instantiate(name, item, float),
        toleranceOf(participant, name, item, float),
      );
    });

    test("skips and widens only cases that exist", () => {
      const names = new Set(allCases().map(([name]) => name));
      const listed = Object.keys({ ...skipped, ...participant.wider });
      expect(listed.filter((name) => !names.has(name))).toEqual([]);
    });
  });
}

function toleranceOf({ tolerance, wider }: Participant, name: string, item: Case, float: Float): number {
  if (float === "float64") return tolerance.float64;
  return Math.max(wider?.[name] ?? 0, item.tolerance?.float32 ?? tolerance.float32);
}

async function expectConformance(
  backends: Participant["backends"],
  instance: Instance,
  tolerance: number,
): Promise<void> {
  const { graph, feeds: drawn } = derivativesOf(instance, orderOf(instance));
  const feeds = feedsOf(graph, drawn);
  const [first] = backends;
  if (first === undefined) throw new RangeError("A participant has a backend.");
  const [, backend] = first;
  if (graph.nodes.some(({ dtype }) => !backend.target.dtypes.includes(dtype))) {
    await expect(compile(graph, { backend, verify: true })).rejects.toThrow(DTypeError);
    return;
  }
  const flat = Object.fromEntries(Object.entries(feeds).map(([input, { data }]) => [input, data]));
  const expected: Readonly<Record<string, Float64Array>> = interpret(graph, flat).outputs;
  const found = new Map<string, Outputs>();
  let plan: Plan | undefined;
  for (const [name, backend] of backends) {
    const session: Session =
      plan === undefined ? await compile(graph, { backend, verify: true }) : await load(plan, { backend });
    plan = session.plan;
    try {
      const outputs = await session.run(feeds);
      found.set(name, outputs);
      for (const [output, list] of Object.entries(expected)) {
        // Integers and truth values have no rounding: random bits are the same everywhere.
        const isRounded = outputs[output]?.dtype.startsWith("float") === true;
        expectClose(
          numbersOf(outputs, output),
          list,
          isRounded ? tolerance : 0,
          `${output} on ${name}`,
          "list",
        );
      }
    } finally {
      await session.dispose();
    }
  }
  for (const [name, outputs] of found) {
    const same = found.get(name.split(", ")[0] ?? name);
    if (same === undefined || same === outputs) continue;
    for (const output of Object.keys(expected))
      expect(numbersOf(outputs, output), `${output} on ${name}`).toEqual(numbersOf(same, output));
  }
}

type Outputs = Readonly<Record<string, Tensor>>;

function numbersOf(outputs: Outputs, output: string): ArrayLike<number> {
  const data = outputs[output]?.data ?? [];
  return data instanceof Uint16Array ? Array.from(data, halfValue) : data;
}

/** To which order a case can be differentiated: at special points once, and only where derivatives are given. */
function orderOf(instance: Instance): 0 | 1 | 2 {
  const { order, gradients } = instance.case;
  if (!isDifferentiated(instance)) return 0;
  return order === 0 && gradients === undefined ? 1 : 2;
}

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
