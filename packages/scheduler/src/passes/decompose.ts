/** decompose: graph → graph. Replaces ops that are defined as graphs of simpler ops by those graphs. */

import { lowerNode } from "@adjoint/core";
import { type Rule, rewrite } from "../rewrite/rule.js";
import { definePass } from "./stage.js";

/** Replaces an op that is defined as a graph of simpler ops by that graph. */
export const expand: Rule = {
  name: "compose",
  equation: "op(x) = its definition",
  apply: (node) => {
    const lowering = lowerNode(node);
    return lowering.kind === "compose" ? lowering.build(node.operands) : undefined;
  },
};

export const decompose = definePass("decompose", "graph", "graph", ({ graph }) => ({
  kind: "graph",
  graph: rewrite(graph, [expand]),
}));
