/**
 * fuse: graph → clusters. Groups nodes into kernels: elementwise chains, reductions with what feeds and follows them,
 * contractions with their epilogue, rows of softmax and normalization. Decides which parameters are overwritten in place.
 */

import { copy, graph as freeze, type Graph, type Node, VerificationError } from "@adjoint/core";
import { overwrites } from "../lower/alias.js";
import { baseOf } from "../lower/base.js";
import { MustStore } from "../lower/must-store.js";
import { ClusterBuilder } from "./cluster.js";
import { dependenciesOf, listSchedule } from "./dependencies.js";
import { separated } from "./separate.js";
import { type Cluster, type ClusterStage, definePass } from "./stage.js";
import { Storage } from "./storage.js";

export const fuse = definePass("fuse", "graph", "clusters", ({ graph }) => {
  const builder = new ClusterBuilder();
  let current = graph;
  for (;;) {
    const stage = cluster(current, builder);
    const unsafe = unsafeUpdates(stage);
    if (unsafe.size === 0) return stage;
    current = deferUpdates(current, unsafe);
  }
});

/** Stores what must be stored, more where a kernel cannot be built, until every kernel can. */
function cluster(graph: Graph, builder: ClusterBuilder): ClusterStage {
  const storage = new Storage(graph);
  const forced = new Set<Node>();
  const built = new Map<Node, Cluster>();
  const updates = new Map(graph.updates.map(({ parameter, value }) => [baseOf(value), parameter]));
  for (;;) {
    const { stored, roots } = storage.choose(forced);
    const before = forced.size;
    const clusters: Cluster[] = [];
    for (const root of roots) {
      const known = built.get(root);
      const found =
        known !== undefined && holds(known, stored) ? known : builder.build(root, stored, updates.get(root));
      if (found instanceof MustStore) {
        const node = baseOf(found.node);
        if (stored.has(node)) {
          throw new VerificationError(
            `No kernel can be built for ${graph.nameOf(root)}.`,
            graph.nameOf(root),
          );
        }
        forced.add(node);
        continue;
      }
      built.set(root, found);
      clusters.push(found);
    }
    if (forced.size === before) return { kind: "clusters", graph, clusters };
  }
}

/** Whether a cluster built for another choice is the one for this: the same nodes are evaluated and read. */
function holds({ root, members, reads }: Cluster, stored: ReadonlySet<Node>): boolean {
  return (
    members.every((node) => node === root || !stored.has(node)) && reads.every((node) => stored.has(node))
  );
}

/** Updates that cannot overwrite their parameter: their kernel reads it elsewhere than it writes, or a cycle of waits. */
function unsafeUpdates({ clusters }: ClusterStage): Set<Node> {
  const unsafe = new Set<Node>();
  for (const { kernel, reads, updates } of clusters) {
    if (updates === undefined || !reads.includes(updates)) continue;
    if (
      !overwrites(
        kernel,
        reads.flatMap((node, read) => (node === updates ? [read] : [])),
      )
    )
      unsafe.add(updates);
  }
  const { blocked } = listSchedule(dependenciesOf(clusters));
  for (const index of blocked) {
    const parameter = clusters[index]?.updates;
    if (parameter !== undefined) unsafe.add(parameter);
  }
  return unsafe;
}

/** Computes the values of these updates elsewhere and copies them into their parameters afterwards. */
function deferUpdates(graph: Graph, parameters: ReadonlySet<Node>): Graph {
  const updates = graph.updates.map(({ parameter, value }) => ({
    parameter,
    value: parameters.has(parameter) ? copy(value) : value,
  }));
  return separated(freeze({ outputs: graph.outputs, updates }));
}
