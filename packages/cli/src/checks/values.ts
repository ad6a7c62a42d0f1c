/** Values at which a graph is checked: those that are given, else drawn ones that hide nothing. It refuses to check. */

import { type Graph, initialize, isInitializer, type Node, normal, sizeOf, type Values } from "@adjoint/core";
import { numbersOf, type StoredTensor } from "@adjoint/interchange/safetensors";
import { feedsFrom } from "../data/feeds.js";

/**
 * Values by name. Floats are drawn from a normal distribution; integers and truth values are 0, which every index may be.
 * Parameters that begin as a constant, at which derivatives often vanish, begin beside it instead; state stays as it begins.
 * @throws NameError, ShapeError or DTypeError for given values that are not of the graph.
 */
export function feedsOf(graph: Graph, given: ReadonlyMap<string, StoredTensor>, seed: number): Values {
  const leaves = [...graph.inputs, ...graph.parameters].map((node) => ({
    node,
    name: graph.nameOf(node),
    dtype: node.dtype,
    shape: node.shape,
  }));
  feedsFrom(
    leaves.filter(({ name }) => given.has(name)),
    given,
  );
  return Object.fromEntries(
    leaves.map(({ node, name }, position): [string, ArrayLike<number>] => {
      const stored = given.get(name);
      return [name, stored === undefined ? drawn(node, seed * 1000 + position) : numbersOf(stored, name)];
    }),
  );
}

function drawn({ op, dtype, shape, attributes: { initializer, state } }: Node, seed: number): Float64Array {
  const noise = (std: number): Float64Array =>
    initialize(normal({ std, seed: seed % 2 ** 32 }), shape).map(Math.fround);
  if (!dtype.startsWith("float")) return new Float64Array(sizeOf(shape));
  if (op.name === "input" || !isInitializer(initializer)) return noise(1);
  const begin = initialize(initializer, shape).map(Math.fround);
  if (state === true || initializer.kind !== "constant") return begin;
  const beside = noise(0.3);
  return begin.map((value, index) => value + (beside[index] ?? 0));
}
