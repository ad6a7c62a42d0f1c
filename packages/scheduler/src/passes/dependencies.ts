/** What must run before what: values before their readers, readers of a parameter before its update in place. */

import type { Node } from "@adjoint/core";
import type { Cluster } from "./stage.js";

/** For each cluster, the clusters that must run before it. */
export function dependenciesOf(clusters: readonly Cluster[]): readonly ReadonlySet<number>[] {
  const producer = new Map<Node, number>(clusters.map((cluster, index) => [cluster.root, index]));
  const readers = new Map<Node, number[]>();
  const dependencies = clusters.map(() => new Set<number>());
  for (const [index, cluster] of clusters.entries()) {
    for (const node of cluster.reads) {
      const source = producer.get(node);
      if (source !== undefined) dependencies[index]?.add(source);
      const known = readers.get(node);
      if (known === undefined) readers.set(node, [index]);
      else known.push(index);
    }
  }
  for (const [index, { updates }] of clusters.entries()) {
    if (updates === undefined) continue;
    for (const reader of readers.get(updates) ?? []) if (reader !== index) dependencies[index]?.add(reader);
  }
  return dependencies;
}

/** What can run next, and which of it does. */
export interface Ready {
  push(cluster: number): void;
  pop(): number | undefined;
}

/**
 * A topological order (Kahn's) in which `ready` chooses among what can run; `blocked` are the clusters that a cycle keeps
 * from running. By hand because the choice among the ready is the point, which graphology's order does not offer.
 */
export function listSchedule(
  dependencies: readonly ReadonlySet<number>[],
  ready: Ready = new MinHeap(),
): { order: number[]; blocked: number[] } {
  const waiting = dependencies.map((before) => before.size);
  const after: number[][] = dependencies.map(() => []);
  for (const [index, before] of dependencies.entries()) {
    for (const source of before) after[source]?.push(index);
  }
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index);
  const order: number[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const target of after[next] ?? []) {
      const left = (waiting[target] ?? 0) - 1;
      waiting[target] = left;
      if (left === 0) ready.push(target);
    }
  }
  return { order, blocked: waiting.flatMap((count, index) => (count > 0 ? [index] : [])) };
}

/** Smallest number first: as declared, as closely as dependencies allow. */
class MinHeap implements Ready {
  readonly #items: number[] = [];

  push(item: number): void {
    let child = this.#items.push(item) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if ((this.#items[parent] ?? 0) <= (this.#items[child] ?? 0)) break;
      this.#swap(parent, child);
      child = parent;
    }
  }

  pop(): number | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return top;
    this.#items[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const smaller = (this.#items[right] ?? Infinity) < (this.#items[left] ?? Infinity) ? right : left;
      if ((this.#items[smaller] ?? Infinity) >= (this.#items[parent] ?? 0)) return top;
      this.#swap(parent, smaller);
      parent = smaller;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#items[a] ?? 0;
    this.#items[a] = this.#items[b] ?? 0;
    this.#items[b] = kept;
  }
}
