/** What must hold of every stage, whatever pass made it. */

import { VerificationError, verifyGraph } from "@adjoint/core";
import { verifyPlan } from "../plan/verify/verify.js";
import type { ClusterStage, KernelStage, Stage } from "./stage.js";

/** @throws VerificationError saying what is broken. */
export function verifyStage(stage: Stage): void {
  switch (stage.kind) {
    case "graph":
      verifyGraph(stage.graph);
      break;
    case "clusters":
      verifyClusters(stage);
      break;
    case "kernels":
      verifyKernels(stage);
      break;
    case "plan":
      verifyPlan(stage.plan);
  }
}

/** Every output and update is computed, and every read is a leaf or some cluster's root. */
function verifyClusters({ graph, clusters }: ClusterStage): void {
  verifyGraph(graph);
  const roots = new Set(clusters.map(({ root }) => root));
  for (const { root, reads, members } of clusters) {
    if (members.at(-1) !== root) throw broken(`the cluster of ${graph.nameOf(root)} does not end in it`);
    for (const node of reads) {
      if (!roots.has(node) && node.operands.length > 0) {
        throw broken(`${graph.nameOf(root)} reads ${graph.nameOf(node)}, which no cluster stores`);
      }
    }
  }
}

/** Every buffer of a kernel is a value, and arena values are written before they are read. */
function verifyKernels({ values, steps }: KernelStage): void {
  const written = new Set<number>();
  for (const [index, { kernel, values: bound, nodes }] of steps.entries()) {
    if (bound.length !== kernel.buffers.length) throw broken(`step ${index} does not bind every buffer`);
    for (const [position, value] of bound.entries()) {
      const found = values[value];
      if (found === undefined) throw broken(`step ${index} binds a value that does not exist`);
      if (kernel.buffers[position]?.access === "write") written.add(value);
      else if (found.space === "arena" && !written.has(value)) {
        throw broken(`step ${index} (${nodes[0] ?? ""}) reads ${found.name} before it is written`);
      }
    }
  }
}

function broken(problem: string): VerificationError {
  return new VerificationError(`The scheduler broke the program: ${problem}.`);
}
