/** The text of any stage, for traces and golden files. */

import { printGraph } from "@adjoint/core";
import { printKernel } from "@adjoint/core/kernel";
import { printPlan } from "../plan/print.js";
import type { ClusterStage, KernelStage, Stage } from "./stage.js";

export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case "graph":
      return printGraph(stage.graph);
    case "clusters":
      return printClusters(stage);
    case "kernels":
      return printKernels(stage);
    case "plan":
      return printPlan(stage.plan);
  }
}

function printClusters({ graph, clusters }: ClusterStage): string {
  const lines = clusters.map(({ root, members, reads, updates }) => {
    const names = (nodes: readonly (typeof root)[]): string =>
      nodes.map((node) => graph.nameOf(node)).join(" ");
    const target = updates === undefined ? "" : ` in place of ${graph.nameOf(updates)}`;
    return `${graph.nameOf(root)}${target} = { ${names(members)} } from (${names(reads)})`;
  });
  return `${lines.join("\n")}\n`;
}

function printKernels({ values, steps }: KernelStage): string {
  const parts = steps.map(({ kernel, values: bound, phase, nodes }) => {
    const names = bound.map((value, position) => `b${position} = ${values[value]?.name ?? "?"}`);
    return `${phase} ${nodes.join(" ")}\nwith ${names.join(", ")}\n${printKernel(kernel, nodes[0] ?? "kernel")}`;
  });
  return parts.join("\n");
}
