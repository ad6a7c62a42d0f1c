/**
 * Clusters as plain data for the memory planners: operation k and value k are those of cluster k, and
 * what is stored in a parameter takes no memory. It refuses to plan.
 */

import type { Node } from "@adjoint/core";
import { alignedBytes } from "../allocate/lifetimes.js";
import type { DataflowOperation, DataflowValue } from "../dataflow/input.js";
import { overwrites } from "../lower/alias.js";
import { baseOf } from "../lower/base.js";
import type { ClusterStage } from "./stage.js";

export interface ClusterFlow {
  readonly operations: readonly DataflowOperation[];
  readonly values: readonly DataflowValue[];
  readonly keep: readonly number[];
}

/** Sizes in bytes, rounded up to `alignment`. */
export function flowOf({ graph, clusters }: ClusterStage, alignment: number): ClusterFlow {
  const valueAt = new Map(clusters.map(({ root }, index) => [root, index]));
  const readersOf = new Map<Node, number[]>();
  for (const [index, { reads }] of clusters.entries()) {
    for (const node of reads) {
      const known = readersOf.get(node);
      if (known === undefined) readersOf.set(node, [index]);
      else known.push(index);
    }
  }
  const sizes = clusters.map(({ root, updates }) =>
    updates === undefined ? alignedBytes(root, alignment) : 0,
  );
  const operations = clusters.map(({ reads, kernel, updates }, index) => {
    const read = reads.map((node) => valueAt.get(node) ?? -1);
    const inputs = [...new Set(read)].filter((value) => value >= 0);
    const inPlace = inputs.filter((value) => {
      const places = read.flatMap((other, place) => (other === value ? [place] : []));
      return sizes[value] === sizes[index] && overwrites(kernel, places);
    });
    return {
      inputs,
      outputs: [index],
      overwrites: updates === undefined ? inPlace : [],
      closes: updates === undefined ? [] : [index, ...(readersOf.get(updates) ?? [])],
    };
  });
  const keep = Object.values<Node>(graph.outputs).flatMap((node) => valueAt.get(baseOf(node)) ?? []);
  return { operations, values: sizes.map((size) => ({ size })), keep: [...new Set(keep)] };
}
