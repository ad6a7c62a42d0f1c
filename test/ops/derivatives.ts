/**
 * The derivatives of a case as one graph: with results r, adjoints u and directions v, the adjoints g = ∂⟨u, r⟩/∂x,
 * and the derivatives of ⟨v, g⟩ by x (a Hessian-vector product) and by u (a Jacobian-vector product).
 */

import { type Graph, graph, type Node } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { direction, stream } from "./draw.js";
import { type Instance, innerProduct, inputsLike } from "./instance.js";

export interface Derivatives {
  /** Outputs r0…, g0…, and to second order h0… (by operands) and j0… (by adjoints). */
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly results: readonly string[];
  readonly gradients: readonly string[];
  readonly hessians: readonly string[];
  readonly jacobians: readonly string[];
}

function named(prefix: string, nodes: readonly Node[]): Record<string, Node> {
  return Object.fromEntries(nodes.map((node, i) => [`${prefix}${i}`, node]));
}

/** The graph of a case's values and derivatives up to an order, with random adjoints (or ones) and directions. */
export function derivativesOf(
  instance: Instance,
  order: 0 | 1 | 2,
  adjoints: "random" | "ones" = "random",
): Derivatives {
  const { name, differentiable } = instance;
  const results = instance.results.filter((node) => node.dtype.startsWith("float"));
  const next = stream(`derivatives of ${name}`);
  const us = inputsLike("u", results);
  const vs = inputsLike("v", differentiable);
  const data = (nodes: readonly Node[], ones: boolean) =>
    nodes.map(({ shape }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return ones ? new Array<number>(size).fill(1) : direction(size, next);
    });
  const usData = data(us, adjoints === "ones");
  const vsData = data(vs, false);
  const feeds = {
    ...instance.feeds,
    ...Object.fromEntries(usData.map((elements, i) => [`u${i}`, elements])),
    ...Object.fromEntries(vsData.map((elements, i) => [`v${i}`, elements])),
  };
  const gs: readonly Node[] = order >= 1 ? gradient(innerProduct(results, us), differentiable) : [];
  const second: readonly Node[] =
    order >= 2 ? gradient(innerProduct(gs, vs), [...differentiable, ...us]) : [];
  const hs = second.slice(0, differentiable.length);
  const js = second.slice(differentiable.length);
  const outputs = {
    ...named("r", instance.results),
    ...named("g", gs),
    ...named("h", hs),
    ...named("j", js),
  };
  return {
    graph: graph({ outputs }),
    feeds,
    results: Object.keys(named("r", instance.results)).filter((_, i) =>
      instance.results[i]?.dtype.startsWith("float"),
    ),
    gradients: Object.keys(named("g", gs)),
    hessians: Object.keys(named("h", hs)),
    jacobians: Object.keys(named("j", js)),
  };
}

/** Feeds with the differentiable operands moved by t along their directions. */
export function movedFeeds(
  instance: Instance,
  feeds: Readonly<Record<string, readonly number[]>>,
  t: number,
): Readonly<Record<string, readonly number[]>> {
  const shifted = instance.differentiable.map((node, i) => {
    const name = String(node.attributes.name);
    const along = feeds[`v${i}`] ?? [];
    return [name, (feeds[name] ?? []).map((element, k) => element + t * (along[k] ?? 0))] as const;
  });
  return { ...feeds, ...Object.fromEntries(shifted) };
}
