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

export const bind = definePass("bind", "clusters", "kernels", bindClusters);

/** A cluster that runs again stores a new value, which takes the place of the old one for those that come after. */
export function bindClusters(stage: ClusterStage): KernelStage {
  const { graph, clusters, leastRecomputedFlops = 0, arena } = stage;
  const values = new ValueTable(graph);
  const steps = clusters.map((cluster): BoundStep => {
    const read = cluster.reads.map((node) => values.indexOf(node));
    const again = values.store(cluster);
    return {
      kernel: cluster.kernel,
      values: [...read, values.indexOf(cluster.root)],
      reads: cluster.reads.map((node) => graph.nameOf(baseOf(node))),
      phase: again ? "recompute" : phaseOf(cluster),
      nodes: cluster.members.map((node) => graph.nameOf(node)).reverse(),
    };
  });
  const slots = slotsOf(graph, values);
  return {
    kind: "kernels",
    graph,
    ...slots,
    values: values.list,
    steps,
    leastRecomputedFlops,
    ...(arena === undefined ? {} : { arena }),
  };
}

function phaseOf({ root, updates }: Cluster): BoundStep["phase"] {
  if (updates !== undefined) return "update";
  return root.derivativeOrder > 0 ? "backward" : "forward";
}

/** One value per leaf and execution of a cluster; the value of an update is its parameter's. */
class ValueTable {
  readonly list: Value[] = [];
  readonly #graph: Graph;
  readonly #indices = new Map<Node, number>();

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const node of graph.nodes) if (lowerNode(node).kind === "leaf") this.#add(node, spaceOf(node));
  }

  /** Gives the root of a cluster its value; true where it had one. */
  store({ root, updates }: Cluster): boolean {
    const again = this.#indices.has(root);
    if (updates === undefined) this.#add(root, "arena");
    else this.#indices.set(root, this.indexOf(updates));
    return again;
  }

  /** The latest value of a node. */
  indexOf(node: Node): number {
    return this.#indices.get(baseOf(node)) ?? -1;
  }

  #add(node: Node, space: Space): void {
    this.#indices.set(node, this.list.length);
    this.list.push({
      name: this.#graph.nameOf(node),
      type: { dtype: node.dtype, shape: node.shape },
      space,
    });
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
    outputs: Object.entries<Node>(graph.outputs).map(([name, node]) => ({
      ...slot(name, node),
      node: graph.nameOf(baseOf(node)),
    })),
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
