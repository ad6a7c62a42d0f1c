/** What must run before what: values before their readers, readers of a parameter before its update in place. */

import type { Node } from "@adjoint/core";
import { Heap } from "../dataflow/heap.js";
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

/**
 * A topological order (Kahn's), as declared as closely as dependencies allow; `blocked` are the clusters that a cycle keeps
 * from running.
 */
export function listSchedule(dependencies: readonly ReadonlySet<number>[]): {
  order: number[];
  blocked: number[];
} {
  const ready = new Heap();
  const waiting = dependencies.map((before) => before.size);
  const after: number[][] = dependencies.map(() => []);
  for (const [index, before] of dependencies.entries()) {
    for (const source of before) after[source]?.push(index);
  }
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index, index, 0);
  const order: number[] = [];
  while (ready.size > 0) {
    const next = ready.pop();
    order.push(next);
    for (const target of after[next] ?? []) {
      const left = (waiting[target] ?? 0) - 1;
      waiting[target] = left;
      if (left === 0) ready.push(target, target, 0);
    }
  }
  return { order, blocked: waiting.flatMap((count, index) => (count > 0 ? [index] : [])) };
}
