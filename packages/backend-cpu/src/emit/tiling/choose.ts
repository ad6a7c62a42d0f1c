/** Chooses how a nest is run: the cheapest of all tilings that the strategies propose. */

import type { Features } from "../../engine/features.js";
import type { Nest } from "../nest/nest.js";
import { contractions } from "./contraction.js";
import { CostModel } from "./cost.js";
import { kernelLanes, stageLanes } from "./lanes.js";
import type { Tiling } from "./tiling.js";

export function chooseTiling(nest: Nest, { wide }: Features): Tiling {
  const width = widthOf(nest);
  const model = new CostModel(nest);
  let best = stageLanes(nest, width, model, wide);
  let cost = model.ofNest(best);
  for (const tiling of [...kernelLanes(nest, width, wide), ...contractions(nest, width, wide)]) {
    const attempt = model.ofNest(tiling);
    if (attempt >= cost) continue;
    best = tiling;
    cost = attempt;
  }
  return best;
}

/** Two lanes where anything is float64, else four. */
export function widthOf(nest: Nest): 2 | 4 {
  const hasDoubles = nest.stages.some(({ nodes }) => nodes.some(({ dtype }) => dtype === "float64"));
  return hasDoubles ? 2 : 4;
}
