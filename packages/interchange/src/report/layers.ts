/**
 * What each layer of a program costs in its plan: parameters, work of each phase, what is kept for the derivatives. A layer is a
 * scope, or a value with a name outside of all scopes. It refuses to count anything that the plan does not run.
 */

import { type Graph, type Node, sizeOf } from "@adjoint/core";
import { flopsOf } from "@adjoint/core/kernel";
import { type Plan, runPasses } from "@adjoint/scheduler";
import type { Target } from "@adjoint/scheduler/plan";
import { differentiatedBy, Scopes } from "../scope.js";

export interface Layer {
  readonly name: string;
  /** Elements. */
  readonly parameters: number;
  /** Scalar operations of the forward kernels, and of those of derivatives and updates. */
  readonly forward: number;
  readonly backward: number;
  readonly retainedBytes: number;
  /** Steps of the plan. */
  readonly steps: readonly number[];
}

interface Draft {
  parameters: number;
  forward: number;
  backward: number;
  retainedBytes: number;
  readonly steps: number[];
}

/** The layers in order of their first forward step; their work adds up to that of the plan, which is one of the graph. */
export function layersOf(graph: Graph, plan: Plan, target: Target): Layer[] {
  // Steps name nodes as the passes before them left these.
  const stage = runPasses(graph, { target, until: "separate" });
  const planned = stage.kind === "graph" ? stage.graph : graph;
  const byName = new Map(planned.nodes.map((node) => [planned.nameOf(node), node]));
  const steps = plan.steps.map(({ nodes }) => nodes.flatMap((name) => byName.get(name) ?? []));
  const layerOf = namer(planned, steps);
  const retained = new Map(plan.memory.retained.map(({ node, bytes }) => [node, bytes]));
  const drafts = new Map<string, Draft>();
  const draft = (name: string): Draft => {
    const known = drafts.get(name);
    if (known !== undefined) return known;
    const made: Draft = { parameters: 0, forward: 0, backward: 0, retainedBytes: 0, steps: [] };
    drafts.set(name, made);
    return made;
  };
  for (const [step, { phase, kernel, nodes }] of plan.steps.entries()) {
    const layer = draft(layerOf(steps[step]?.[0]));
    const work = plan.kernels[kernel];
    layer[phase === "forward" ? "forward" : "backward"] += work === undefined ? 0 : flopsOf(work);
    const root = nodes[0] ?? "";
    layer.retainedBytes += retained.get(root) ?? 0;
    retained.delete(root);
    layer.steps.push(step);
  }
  for (const parameter of planned.parameters)
    if (parameter.attributes["state"] !== true)
      draft(layerOf(parameter)).parameters += sizeOf(parameter.shape);
  return [...drafts].map(([name, layer]) => ({ name, ...layer })).sort((a, b) => firstOf(a) - firstOf(b));
}

function firstOf({ steps, forward }: Layer): number {
  return forward > 0 ? (steps[0] ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

/** Names the layer of a node; steps are what one kernel computes each, its result first. */
function namer(graph: Graph, steps: readonly (readonly Node[])[]): (node: Node | undefined) => string {
  const scopes = new Scopes(graph);
  const homes = new Map<Node, string>();
  const byName = new Map<string, string>();
  const outputs = new Set(Object.values<Node>(graph.outputs));
  const own = (node: Node): string | undefined => {
    const scope = scopes.of(node);
    if (scope !== "") return scope;
    const isNamed = node.label !== undefined || outputs.has(node);
    if (!isNamed || node.operands.length === 0) return undefined;
    const name = graph.nameOf(node);
    const below = differentiatedBy(name);
    return below === undefined ? name : byName.get(below);
  };
  /** Nodes without a layer of their own are in that of what they are used for. */
  const settle = (nodes: readonly Node[]): void => {
    const users = new Map<Node, string>();
    for (const node of [...nodes].reverse()) {
      const home = own(node) ?? users.get(node) ?? elsewhere;
      homes.set(node, home);
      for (const operand of node.operands)
        if (operand.derivativeOrder === node.derivativeOrder) users.set(operand, home);
    }
  };
  const forward = graph.nodes.filter(({ derivativeOrder }) => derivativeOrder === 0);
  settle(forward);
  joinFused(steps, homes, (node) => scopes.of(node) === "");
  for (const node of forward) byName.set(graph.nameOf(node), homes.get(node) ?? elsewhere);
  settle(graph.nodes.filter(({ derivativeOrder }) => derivativeOrder > 0));
  return (node) => (node === undefined ? undefined : homes.get(node)) ?? elsewhere;
}

const elsewhere = "other";

/** Values outside of scopes that one kernel computes together are one layer, under all their names. */
function joinFused(
  steps: readonly (readonly Node[])[],
  homes: Map<Node, string>,
  isLoose: (node: Node) => boolean,
): void {
  const joined = new Map<string, string>();
  for (const nodes of steps) {
    const [root] = nodes;
    if (root === undefined || !homes.has(root) || !isLoose(root)) continue;
    const inside = nodes.filter((node) => isLoose(node) && homes.has(node) && node.operands.length > 0);
    const names = [...new Set(inside.map((node) => homes.get(node) ?? elsewhere))].reverse();
    const fresh = names.filter((name) => !joined.has(name));
    for (const name of fresh) joined.set(name, fresh.join(", "));
  }
  for (const [node, home] of homes) if (isLoose(node)) homes.set(node, joined.get(home) ?? home);
}
