/** The checks of a graph, one after the other, the cheap ones first. It refuses to print. */

import {
  AdjointError,
  dtypes,
  type Graph,
  graphFromJson,
  graphToJson,
  type Node,
  parseGraph,
  printGraph,
  sameGraph,
  type Values,
  verifyGraph,
} from "@adjoint/core";
import type { Backend } from "@adjoint/scheduler";
import { agreement } from "./agreement.js";
import { short } from "./number.js";
import { slopesOf } from "./slopes.js";

export interface Finding {
  readonly check: string;
  readonly passed: boolean;
  /** Figures, or what is wrong. */
  readonly detail: string;
}

export interface CheckOptions {
  /** What is differentiated, by name. */
  readonly objectives: readonly (readonly [name: string, node: Node])[];
  readonly values: Values;
  readonly backend: Backend;
}

export async function* checksOf(
  graph: Graph,
  { objectives, values, backend }: CheckOptions,
): AsyncGenerator<Finding, void> {
  yield await finding("the graph keeps its promises", () => {
    verifyGraph(graph);
    return `${graph.nodes.length} nodes`;
  });
  yield await finding("text and JSON read back as the graph", () => {
    if (!sameGraph(parseGraph(printGraph(graph)), graph))
      throw new AdjointError("the text reads as another graph");
    if (!sameGraph(graphFromJson(graphToJson(graph)), graph))
      throw new AdjointError("the JSON reads as another graph");
    return "";
  });
  yield await finding(`${backend.target.name}: the plan replays, and gives the numbers of float64`, () =>
    agreement(graph, values, backend),
  );
  const weights = graph.parameters.filter(
    ({ dtype, attributes }) => dtypes[dtype].kind === "float" && attributes["state"] !== true,
  );
  for (const [name, objective] of objectives) {
    for await (const { parameter, order, passed, derivative, difference } of slopesOf(
      objective,
      weights,
      values,
    )) {
      const title = order === 1 ? "gradient" : "second derivative";
      yield {
        check: `${title} of ${name} by ${graph.nameOf(parameter)} along a random direction`,
        passed,
        detail: `${short(derivative)}, by differences ${short(difference)}`,
      };
    }
  }
}

/** The float scalars among the outputs. */
export function scalarsOf(graph: Graph): (readonly [string, Node])[] {
  return Object.entries<Node>(graph.outputs).filter(
    ([, { dtype, shape }]) => dtypes[dtype].kind === "float" && shape.length === 0,
  );
}

async function finding(check: string, run: () => string | Promise<string>): Promise<Finding> {
  try {
    return { check, passed: true, detail: await run() };
  } catch (error) {
    if (error instanceof AdjointError) return { check, passed: false, detail: error.message };
    throw error;
  }
}
