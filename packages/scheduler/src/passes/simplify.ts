/** simplify: graph → graph. Applies the rewrite rules; every value stays the same up to rounding and the sign of zero. */

import { rewrite } from "../rewrite/rule.js";
import { simplifications } from "../rewrite/rules.js";
import { definePass } from "./stage.js";

export const simplify = definePass("simplify", "graph", "graph", ({ graph }) => ({
  kind: "graph",
  graph: rewrite(graph, simplifications),
}));
