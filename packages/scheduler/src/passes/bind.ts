/** bind: clusters → kernels. Gives every stored node a value in some space and every kernel its values, in order. */

import { filled, type Graph, isInitializer, lowerNode, type Node } from "@adjoint/core";
import { convertScalar } from "@adjoint/core/kernel";
import { baseOf } from "../lower/base.js";
import type { Space } from "../plan/plan.js";
import {
  type BoundStep,
  type Cluster,
  type ClusterStage,
  definePass,
  type KernelStage,
  type Slot,
  type Value,
} from "./stage.js";

export const bind = definePass("bind", "clusters", "kernels", (stage) => {
  const values = new ValueTable(stage);
  const steps = stage.clusters.map(
    (cluster): BoundStep => ({
      kernel: cluster.kernel,
      values: [...cluster.reads, cluster.root].map((node) => values.indexOf(node)),
      phase: phaseOf(cluster),
      nodes: cluster.members.map((node) => stage.graph.nameOf(node)).reverse(),
    }),
  );
  return { kind: "kernels", graph: stage.graph, ...slotsOf(stage.graph, values), values: values.list, steps };
});

function phaseOf({ root, updates }: Cluster): BoundStep["phase"] {
  if (updates !== undefined) return "update";
  return root.derivativeOrder > 0 ? "backward" : "forward";
}

/** One value per leaf and stored node; the value of an update is its parameter's. */
class ValueTable {
  readonly list: Value[] = [];
  readonly #indices = new Map<Node, number>();

  constructor({ graph, clusters }: ClusterStage) {
    for (const node of graph.nodes)
      if (lowerNode(node).kind === "leaf") this.#add(node, graph, spaceOf(node));
    for (const { root, updates } of clusters) {
      if (updates === undefined) this.#add(root, graph, "arena");
      else this.#indices.set(root, this.indexOf(updates));
    }
  }

  indexOf(node: Node): number {
    return this.#indices.get(baseOf(node)) ?? -1;
  }

  #add(node: Node, graph: Graph, space: Space): void {
    this.#indices.set(node, this.list.length);
    this.list.push({ name: graph.nameOf(node), type: { dtype: node.dtype, shape: node.shape }, space });
  }
}

function spaceOf(node: Node): Space {
  if (node.op.name === "parameter") return "parameter";
  return node.op.name === "input" ? "input" : "constant";
}

function slotsOf(
  graph: Graph,
  values: ValueTable,
): Pick<KernelStage, "inputs" | "parameters" | "outputs" | "constants"> {
  const slot = (name: string, node: Node): Slot => ({
    name,
    type: { dtype: node.dtype, shape: node.shape },
    value: values.indexOf(node),
  });
  return {
    inputs: graph.inputs.map((node) => slot(graph.nameOf(node), node)),
    parameters: graph.parameters.map((node) => ({
      ...slot(graph.nameOf(node), node),
      state: node.attributes["state"] === true,
      initializer: isInitializer(node.attributes["initializer"]) ? node.attributes["initializer"] : filled(0),
    })),
    outputs: Object.entries<Node>(graph.outputs).map(([name, node]) => slot(name, node)),
    constants: graph.nodes.flatMap((node) => {
      const { values: elements } = node.attributes;
      const leaf = node.op.name === "constant" && lowerNode(node).kind === "leaf" && Array.isArray(elements);
      return leaf
        ? [
            {
              value: values.indexOf(node),
              elements: elements.map((element) => convertScalar(Number(element), node.dtype)),
            },
          ]
        : [];
    }),
  };
}
