/**
 * Every op with a hand-written kernel computes the same by its kernel as by its definition in float64: in the values and
 * derivatives of every case. Loads before the first store of an element would read the NaN that results start with.
 */

import { type Graph, graph, interpret, lowerNode, type Node } from "@adjoint/core";
import { interpretKernel } from "@adjoint/core/kernel";
import { describe, expect, test } from "vitest";
import { expectClose } from "./compare.js";
import { derivativesOf } from "./derivatives.js";
import { allCases, instantiate } from "./instance.js";

/** A case's graph: with derivatives where it has any. */
function graphOf(name: string, item: ReturnType<typeof allCases>[number][1]) {
  const instance = instantiate(name, item);
  const differentiable =
    instance.differentiable.length > 0 && instance.results.some(({ dtype }) => dtype.startsWith("float"));
  if (differentiable) return derivativesOf(instance, 2);
  const outputs = Object.fromEntries(instance.results.map((node, i) => [`r${i}`, node]));
  return { graph: graph({ outputs }), feeds: instance.feeds };
}

/** Nodes with hand-written kernels, also those inside of ops that are defined as graphs. */
function opaqueNodes(program: Graph): Node[] {
  const found: Node[] = [];
  const expand = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      const lowering = lowerNode(node);
      if (lowering.kind === "opaque") found.push(node);
      if (lowering.kind === "compose")
        expand(graph({ outputs: { result: lowering.build(node.operands) } }).nodes);
    }
  };
  expand(program.nodes);
  return found;
}

const programs = allCases()
  .map(([name, item]) => ({ name, ...graphOf(name, item) }))
  .filter((program) => opaqueNodes(program.graph).length > 0);

describe("kernels of opaque ops", () => {
  test("there are cases of each", () => {
    const names = new Set(
      programs.flatMap((program) => opaqueNodes(program.graph).map((node) => node.op.name)),
    );
    for (const name of ["argSort", "cholesky", "lu", "scatter", "triangularSolve"])
      expect(names).toContain(name);
  });

  test.each(programs)("$name", ({ graph: program, feeds }) => {
    for (const node of opaqueNodes(program)) {
      const lowering = lowerNode(node);
      if (lowering.kind !== "opaque") continue;
      const whole = graph({
        outputs: {
          result: node,
          ...Object.fromEntries(node.operands.map((operand, i) => [`operand${i}`, operand])),
        },
      });
      const run = interpret<string, string>(whole, feeds);
      const operands = node.operands.map((_, i) => Float64Array.from(run.outputs[`operand${i}`] ?? []));
      const expected = run.outputs["result"] ?? new Float64Array();
      const result = new Float64Array(expected.length).fill(Number.NaN);
      interpretKernel(lowering.kernel(), [...operands, result]);
      expectClose(result, expected, 1e-9, `${node.op.name} by its kernel`);
    }
  });
});
