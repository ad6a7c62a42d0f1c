/**
 * The reference interpreter: defines, in float64 and one loop at a time, what a graph computes. It refuses to be fast,
 * and shares nothing with kernels except the scalar operations.
 */

import { NameError, ShapeError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import type { Node } from "../graph/node.js";
import { lowerNode } from "../graph/op.js";
import { reachable } from "../graph/order.js";
import { initialize, isInitializer } from "../random/initializer.js";
import { mapRecord } from "../record.js";
import { convertScalar } from "../scalar/operations.js";
import { sizeOf } from "../shape.js";
import { runLoops } from "./loops.js";

/** Row-major elements by input or parameter name. */
export type Values = Readonly<Record<string, ArrayLike<number>>>;

export interface Interpretation<Outputs extends string = string> {
  readonly outputs: { readonly [Name in Outputs]: Float64Array };
  /** The values that parameters take after the step. */
  readonly updates: ReadonlyMap<string, Float64Array>;
  /** The value of any node of the graph that was computed. */
  valueOf(node: Node): Float64Array;
}

/**
 * Runs a graph once. Inputs are required; parameters not given have their initial values.
 * @throws NameError for a missing input, ShapeError for a wrong number of elements.
 */
export function interpret<Feeds extends string, Outputs extends string>(
  graph: Graph<Feeds, Outputs>,
  values: Values = {},
): Interpretation<Outputs> {
  const known = new Map<Node, Float64Array>();
  for (const node of graph.nodes) evaluate(node, known, values);
  const computed = (node: Node): Float64Array => {
    const value = known.get(node);
    if (value === undefined)
      throw new NameError(`${String(node)} was not computed by this graph.`, String(node));
    return value;
  };
  const outputs = mapRecord<Outputs, Node, Float64Array>(graph.outputs, computed);
  const updates = new Map(
    graph.updates.map(({ parameter, value }) => [graph.nameOf(parameter), computed(value)] as const),
  );
  return { outputs, updates, valueOf: computed };
}

function evaluate(node: Node, known: Map<Node, Float64Array>, values: Values): void {
  if (known.has(node)) return;
  const operands = node.operands.map((operand) => known.get(operand) ?? new Float64Array());
  const lowering = lowerNode(node);
  switch (lowering.kind) {
    case "leaf":
      known.set(node, leafValue(node, values));
      return;
    case "reshape":
      known.set(node, operands[0] ?? new Float64Array());
      return;
    case "opaque":
      known.set(node, lowering.evaluate(operands));
      return;
    case "compose": {
      const result = lowering.build(node.operands);
      for (const inner of reachable([result], new Set(node.operands))) evaluate(inner, known, values);
      known.set(node, known.get(result) ?? new Float64Array());
      return;
    }
    default:
      known.set(node, runLoops(lowering.loops, node, node.operands, operands));
  }
}

function leafValue(node: Node, values: Values): Float64Array {
  const { name, initializer, values: elements } = node.attributes;
  const size = sizeOf(node.shape);
  if (node.op.name === "constant" && Array.isArray(elements)) return convert(elements, node);
  const given = typeof name === "string" && Object.hasOwn(values, name) ? values[name] : undefined;
  if (given === undefined && isInitializer(initializer))
    return convert(initialize(initializer, node.shape), node);
  if (given === undefined) {
    throw new NameError(
      `Input ${String(node)} is not given; pass its ${size} elements as "${String(name)}".`,
      String(name),
    );
  }
  if (given.length !== size) {
    throw new ShapeError(`${String(node)} takes ${size} elements, not ${given.length}.`, String(name));
  }
  return convert(given, node);
}

function convert(elements: ArrayLike<number>, node: Node): Float64Array {
  return Float64Array.from(elements, (element) => convertScalar(element, node.dtype));
}
