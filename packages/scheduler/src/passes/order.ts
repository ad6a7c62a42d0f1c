/** order: clusters → clusters. Fixes the order of execution: dependencies first, least peak memory among those. */

import { dataflowOf } from "../dataflow/input.js";
import { arrangeInPlace } from "../ordering/in-place.js";
import { dependenciesOf, listSchedule } from "./dependencies.js";
import { effortFor } from "./effort.js";
import { flowOf } from "./flow.js";
import { definePass } from "./stage.js";

const seed = 1;

export const order = definePass("order", "clusters", "clusters", (stage, context) => {
  const { order: declared } = listSchedule(dependenciesOf(stage.clusters));
  const flow = dataflowOf(flowOf(stage, context.target.alignment));
  const best = arrangeInPlace(flow, Int32Array.from(declared), 0, seed, effortFor("order", context));
  return { ...stage, clusters: Array.from(best.order).flatMap((index) => stage.clusters[index] ?? []) };
});
