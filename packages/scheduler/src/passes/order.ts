/**
 * order: clusters → clusters. Fixes the order of execution: dependencies first, and of the orders tried (as declared, and
 * greedily by memory) the one with the smaller peak.
 */

import { dtypes, type Node, sizeOf } from "@adjoint/core";
import { overwrites } from "../lower/alias.js";
import { dependenciesOf, listSchedule, type Ready } from "./dependencies.js";
import { type Cluster, type ClusterStage, definePass } from "./stage.js";

export const order = definePass("order", "clusters", "clusters", (stage) => {
  const dependencies = dependenciesOf(stage.clusters);
  const memory = new LiveMemory(stage);
  const declared = listSchedule(dependencies).order;
  const greedy = listSchedule(dependencies, new LeastGrowth(memory)).order;
  const best = memory.peakOf(greedy) < memory.peakOf(declared) ? greedy : declared;
  return { ...stage, clusters: best.flatMap((index) => stage.clusters[index] ?? []) };
});

/** Of so many clusters that have waited longest, the best is taken: it keeps wide graphs near-linear. */
const window = 64;

/** Of the clusters that can run, the one after which least memory is live; the first declared of several. */
class LeastGrowth implements Ready {
  readonly #memory: LiveMemory;
  readonly #ready: number[] = [];

  constructor(memory: LiveMemory) {
    this.#memory = memory;
  }

  push(cluster: number): void {
    this.#ready.push(cluster);
  }

  pop(): number | undefined {
    let position = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let candidate = 0; candidate < Math.min(window, this.#ready.length); candidate++) {
      const cluster = this.#ready[candidate] ?? 0;
      const growth = this.#memory.growth(cluster);
      if (growth < least || (growth === least && cluster < (this.#ready[position] ?? 0))) {
        least = growth;
        position = candidate;
      }
    }
    if (position < 0) return undefined;
    const [next] = this.#ready.splice(position, 1);
    if (next !== undefined) this.#memory.run(next);
    return next;
  }
}

/** The bytes of stored values that are alive while clusters run, in place where a kernel allows it. */
class LiveMemory {
  readonly #clusters: readonly Cluster[];
  /** How many clusters still read a value; one more for outputs, which never die. */
  readonly #readers = new Map<Node, number>();
  readonly #left = new Map<Node, number>();
  #live = 0;

  constructor({ graph, clusters }: ClusterStage) {
    this.#clusters = clusters;
    for (const { root, updates } of clusters) if (updates === undefined) this.#readers.set(root, 0);
    const count = (node: Node): void => {
      const readers = this.#readers.get(node);
      if (readers !== undefined) this.#readers.set(node, readers + 1);
    };
    for (const { reads } of clusters) reads.forEach(count);
    Object.values<Node>(graph.outputs).forEach(count);
    this.reset();
  }

  reset(): void {
    this.#live = 0;
    for (const [node, readers] of this.#readers) this.#left.set(node, readers);
  }

  /** How much more is alive after a cluster than before it. */
  growth(index: number): number {
    return this.#written(index) - this.#dying(index).reduce((total, node) => total + bytesOf(node), 0);
  }

  /** Runs a cluster; returns the bytes alive while it runs. */
  run(index: number): number {
    const dying = this.#dying(index);
    const overwritten = this.#overwritten(index, dying);
    const during = this.#live + this.#written(index) - overwritten;
    this.#live += this.growth(index);
    for (const node of this.#clusters[index]?.reads ?? [])
      this.#left.set(node, (this.#left.get(node) ?? 0) - 1);
    return during;
  }

  peakOf(order: readonly number[]): number {
    this.reset();
    return order.reduce((peak, index) => Math.max(peak, this.run(index)), 0);
  }

  #written(index: number): number {
    const cluster = this.#clusters[index];
    return cluster === undefined || cluster.updates !== undefined ? 0 : bytesOf(cluster.root);
  }

  #dying(index: number): Node[] {
    return (this.#clusters[index]?.reads ?? []).filter((node) => this.#left.get(node) === 1);
  }

  /** The bytes of a dying operand that the result takes over. */
  #overwritten(index: number, dying: readonly Node[]): number {
    const cluster = this.#clusters[index];
    const bytes = this.#written(index);
    const possible = dying.some((node) => {
      const places = cluster?.reads.flatMap((other, read) => (other === node ? [read] : [])) ?? [];
      return cluster !== undefined && bytesOf(node) >= bytes && overwrites(cluster.kernel, places);
    });
    return possible ? bytes : 0;
  }
}

function bytesOf(node: Node): number {
  return sizeOf(node.shape) * dtypes[node.dtype].bytes;
}
