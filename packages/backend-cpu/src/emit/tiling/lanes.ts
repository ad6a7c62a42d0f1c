/** Tilings for any nest: lanes along a parallel axis of the kernel, or along an axis of each stage, or none. */

import type { Nest, NestStage } from "../nest/nest.js";
import type { Place } from "../nest/node.js";
import type { CostModel } from "./cost.js";
import { innermost, isReorderable, laneAxesOfStage } from "./legal.js";
import { plainTiling, type StageTiling, type Tiling } from "./tiling.js";

/** Nodes times groups of lanes that are emitted for one iteration at most. */
const bodyLimit = 96;
const blockSizes = [4, 8, 16] as const;

/** Lanes along one kernel axis for all stages; where memory is walked across, a block of the other axis as well. */
export function kernelLanes(nest: Nest, width: 2 | 4, wide: boolean): Tiling[] {
  const plain = plainTiling(nest, width);
  const nodes = Math.max(...nest.stages.map((stage) => stage.nodes.length));
  return nest.axes
    .filter((axis) => nest.parallel.has(axis))
    .flatMap((lanes) =>
      factorsOf(nest.extents[lanes] ?? 1, width, nodes, wide).flatMap((factor) =>
        [new Map<number, number>(), ...blocks(nest, lanes, (factor / width) * nodes)].map((block) => ({
          ...plain,
          order: innermost(nest, lanes),
          factors: new Map([...block, [lanes, factor]]),
          lanes,
        })),
      ),
    );
}

/** Blocks of axes along which something lies in neighboring elements that lie apart along the lanes. */
function blocks(nest: Nest, lanes: number, nodes: number): Map<number, number>[] {
  const places = nest.stages.flatMap((stage): Place[] => [
    ...stage.nodes.filter((node) => node.kind === "load"),
    ...stage.stores,
  ]);
  const strideOn = (place: Place, axis: number): number => Math.abs(place.offset.strides[axis] ?? 0);
  const across = nest.axes.filter(
    (axis) =>
      axis !== lanes &&
      nest.parallel.has(axis) &&
      places.some((place) => strideOn(place, axis) === 1 && strideOn(place, lanes) > 1),
  );
  return across.flatMap((axis) =>
    blockSizes
      .filter((size) => size <= (nest.extents[axis] ?? 1) && size * nodes <= bodyLimit)
      .map((size) => new Map([[axis, size]])),
  );
}

/** No lanes along kernel axes; for each stage the best it can do by itself. */
export function stageLanes(nest: Nest, width: 2 | 4, model: CostModel, wide: boolean): Tiling {
  const plain = plainTiling(nest, width);
  const factors = new Map<number, number>();
  const stages = nest.stages.map((stage, position) => {
    let best = plain.stages[position] ?? { order: stage.axes, lanes: undefined, accumulation: "wide" };
    let cost = model.ofStage(stage, plain, best);
    for (const { axis, own } of laneStages(stage, best)) {
      for (const factor of factorsOf(
        nest.extents[axis] ?? 1,
        width,
        stage.nodes.length,
        wide && width === 2,
      )) {
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

/**
 * One, two or four groups of lanes, as far as there are positions and the code stays short. Where wide, two groups of four run as
 * one; groups of two (float64) stay alone, because V8 has been seen to pair those wrongly.
 */
function factorsOf(extent: number, width: 2 | 4, nodes: number, wide: boolean): number[] {
  if (wide && width === 2) return [Math.min(extent, width)].filter(() => extent > 1);
  const least = wide && 2 * width <= extent ? 2 * width : width;
  const fitting = [width, 2 * width, 4 * width].filter(
    (factor) =>
      factor >= least && factor <= extent && (factor === least || (factor / width) * nodes <= bodyLimit),
  );
  return extent > 1 && fitting.length === 0 ? [extent] : fitting;
}
