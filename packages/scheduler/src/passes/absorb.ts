/**
 * absorb: clusters → clusters. A value that its readers can evaluate themselves from what takes no more memory is not
 * stored, where that costs next to nothing: the part of recomputation that needs no kernel of its own, as what
 * partitioners of forward and backward do. It refuses to let memory grow.
 */

import { lowerNode, type Node, sizeOf } from "@adjoint/core";
import { baseOf } from "../lower/base.js";
import { MustStore } from "../lower/must-store.js";
import { ClusterBuilder } from "./cluster.js";
import { bodyCost, maximalCost, oncePerKernel, timeOf } from "./costs.js";
import { type Cluster, type ClusterStage, definePass } from "./stage.js";

/**
 * How much longer the kernels concerned may take than before, as a share of that; and all kernels together, as a share of the
 * step, or in scalar operations where that is more: what nobody notices.
 */
const allowance = { kernels: 0.15, step: 0.01, unnoticed: 1e6 } as const;

/** Nodes that one kernel may evaluate when it absorbs another: what keeps the pass near-linear, and kernels short. */
const mostMembers = 32;

/** Readers that a value may have at most. */
const mostReaders = 6;

export const absorb = definePass("absorb", "clusters", "clusters", (stage) => new Absorption(stage).run());

class Absorption {
  readonly #stage: ClusterStage;
  readonly #clusters: Map<Node, Cluster>;
  readonly #readers = new Map<Node, Set<Node>>();
  readonly #stored: Set<Node>;
  /** What must stay stored: outputs, what hand-written kernels and copies read, what is overwritten in the step. */
  readonly #fixed: ReadonlySet<Node>;
  readonly #times = new Map<Node, number>();
  readonly #builder = new ClusterBuilder();
  readonly #timeOf = oncePerKernel(timeOf);
  readonly #isTooLong = oncePerKernel(({ stages }) => stages.some((stage) => bodyCost(stage) > maximalCost));

  constructor(stage: ClusterStage) {
    const { graph, clusters } = stage;
    this.#stage = stage;
    this.#clusters = new Map(clusters.map((cluster) => [cluster.root, cluster]));
    this.#stored = new Set([
      ...this.#clusters.keys(),
      ...graph.nodes.filter((node) => lowerNode(node).kind === "leaf"),
    ]);
    this.#fixed = new Set([
      ...Object.values<Node>(graph.outputs).map(baseOf),
      ...clusters.flatMap(({ root, updates }) => (updates === undefined ? [] : [root, updates])),
      ...clusters.flatMap(({ root, reads }) => (readsStored(root) ? reads : [])),
    ]);
    for (const { root, reads, kernel } of clusters) {
      this.#times.set(root, this.#timeOf(kernel));
      for (const node of reads) this.#readersOf(node).add(root);
    }
  }

  run(): ClusterStage {
    const { graph, clusters } = this.#stage;
    const step = [...this.#times.values()].reduce((sum, time) => sum + time, 0);
    let left = Math.max(allowance.step * step, allowance.unnoticed);
    for (const { root } of clusters) if (this.#isCandidate(root)) left -= this.#absorb(root, left);
    const order = graph.nodes.flatMap((node) => this.#clusters.get(node) ?? []);
    return { ...this.#stage, clusters: order };
  }

  #readersOf(node: Node): Set<Node> {
    const known = this.#readers.get(node) ?? new Set<Node>();
    this.#readers.set(node, known);
    return known;
  }

  /** Elementwise, of several readers, from what takes no more memory than it does. */
  #isCandidate(root: Node): boolean {
    const { kernel, reads = [] } = this.#clusters.get(root) ?? {};
    const [only, ...others] = kernel?.stages ?? [];
    if (only === undefined || others.length > 0 || only.axes.length > 0 || this.#fixed.has(root))
      return false;
    const readers = this.#readersOf(root);
    if (readers.size < 2 || readers.size > mostReaders || reads.some((node) => this.#fixed.has(node)))
      return false;
    if ([...readers].some((reader) => this.#membersOf(reader) + this.#membersOf(root) > mostMembers))
      return false;
    const read = reads.reduce((sum, node) => sum + (this.#clusters.has(node) ? sizeOf(node.shape) : 0), 0);
    return read <= sizeOf(root.shape);
  }

  #membersOf(root: Node): number {
    return this.#clusters.get(root)?.members.length ?? 0;
  }

  /** Lets all readers evaluate a value; returns how much longer that takes, 0 where it stays stored. */
  #absorb(root: Node, most: number): number {
    const readers = [...this.#readersOf(root)];
    this.#stored.delete(root);
    const found = this.#rebuilt(readers);
    const before = [root, ...readers].reduce((sum, node) => sum + (this.#times.get(node) ?? 0), 0);
    const times = found.map(({ kernel }) => this.#timeOf(kernel));
    const longer = times.reduce((sum, time) => sum + time, -before);
    if (found.length < readers.length || longer > Math.min(most, allowance.kernels * before)) {
      this.#stored.add(root);
      return 0;
    }
    for (const [k, cluster] of found.entries()) {
      this.#clusters.set(cluster.root, cluster);
      this.#times.set(cluster.root, times[k] ?? 0);
      for (const node of cluster.reads) this.#readersOf(node).add(cluster.root);
    }
    for (const node of this.#clusters.get(root)?.reads ?? []) this.#readersOf(node).delete(root);
    this.#clusters.delete(root);
    return Math.max(0, longer);
  }

  /** The readers' clusters as they would be; fewer where one cannot be built, or gets too long. */
  #rebuilt(readers: readonly Node[]): Cluster[] {
    const found: Cluster[] = [];
    for (const reader of readers) {
      const cluster = this.#builder.build(reader, this.#stored, this.#clusters.get(reader)?.updates);
      if (cluster instanceof MustStore) break;
      if (this.#isTooLong(cluster.kernel)) break;
      found.push(cluster);
    }
    return found;
  }
}

function readsStored(root: Node): boolean {
  return lowerNode(root).kind === "opaque" || root.op.name === "copy";
}
