/** order: clusters → clusters. Fixes the order of execution: dependencies first, otherwise as the graph was declared. */

import { dependenciesOf, stableOrder } from "./dependencies.js";
import { definePass } from "./stage.js";

export const order = definePass("order", "clusters", "clusters", ({ graph, clusters }) => {
  const { order: indices } = stableOrder(dependenciesOf(clusters));
  return { kind: "clusters", graph, clusters: indices.flatMap((index) => clusters[index] ?? []) };
});
