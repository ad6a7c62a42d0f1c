/** Tilings for any nest: lanes along a parallel axis of the kernel, or along an axis of each stage, or none. */

import type { CostModel } from "./cost.js";
import { innermost, isReorderable, laneAxesOfStage } from "./legal.js";
import type { Nest, NestStage } from "../nest/nest.js";
import { plainTiling, type StageTiling, type Tiling } from "./tiling.js";

/** Nodes times groups of lanes that are emitted for one iteration at most. */
const bodyLimit = 96;

/** Lanes along one kernel axis for all stages. */
export function kernelLanes(nest: Nest, width: 2 | 4): Tiling[] {
  const plain = plainTiling(nest, width);
  const nodes = Math.max(...nest.stages.map((stage) => stage.nodes.length));
  return nest.axes
    .filter((axis) => nest.parallel.has(axis))
    .flatMap((axis) =>
      factorsOf(nest.extents[axis] ?? 1, width, nodes).map((factor) => ({
        ...plain,
        order: innermost(nest, axis),
        factors: new Map([[axis, factor]]),
        lanes: axis,
      })),
    );
}

/** No lanes along kernel axes; for each stage the best it can do by itself. */
export function stageLanes(nest: Nest, width: 2 | 4, model: CostModel): Tiling {
  const plain = plainTiling(nest, width);
  const factors = new Map<number, number>();
  const stages = nest.stages.map((stage, position) => {
    let best = plain.stages[position] ?? { order: stage.axes, lanes: undefined, accumulation: "wide" };
    let cost = model.ofStage(stage, plain, best);
    for (const { axis, own } of laneStages(stage, best)) {
      for (const factor of factorsOf(nest.extents[axis] ?? 1, width, stage.nodes.length)) {
        const attempt = model.ofStage(stage, { ...plain, factors: new Map([[axis, factor]]) }, own);
        if (attempt >= cost) continue;
        cost = attempt;
        best = own;
        factors.set(axis, factor);
      }
    }
    return best;
  });
  const used = new Map([...factors].filter(([axis]) => stages.some(({ lanes }) => lanes === axis)));
  return { ...plain, stages, factors: used };
}

/** A stage with each axis that may be lanes innermost. */
export function laneStages(stage: NestStage, plain: StageTiling): { axis: number; own: StageTiling }[] {
  return laneAxesOfStage(stage).map((axis) => {
    const order = isReorderable(stage) ? [...stage.axes.filter((other) => other !== axis), axis] : stage.axes;
    return { axis, own: { ...plain, order, lanes: axis } };
  });
}

/** One, two or four groups of lanes, as far as there are positions and the code stays short. */
function factorsOf(extent: number, width: 2 | 4, nodes: number): number[] {
  const fitting = [width, 2 * width, 4 * width].filter(
    (factor) => factor <= extent && (factor === width || (factor / width) * nodes <= bodyLimit),
  );
  return extent > 1 && fitting.length === 0 ? [extent] : fitting;
}
