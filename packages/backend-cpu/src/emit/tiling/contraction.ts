/**
 * Tilings for stages that read the same elements for many points of the kernel: matrix products, convolutions and all
 * other reductions over several operands. Some kernel axes are done several positions at a time, so that each element
 * loaded serves several accumulators, which stay in registers.
 */

import type { Nest, NestStage } from "../nest/nest.js";
import { has, type LoadNode } from "../nest/node.js";
import { laneStages } from "./lanes.js";
import { innermost, isReorderable } from "./legal.js";
import { plainTiling, type StageTiling, type Tiling } from "./tiling.js";

/** Points of the stage below which nothing is gained. */
const shortest = 4;
const tileSizes = [1, 2, 3, 4, 5, 6, 8] as const;
const laneGroups = [1, 2, 3, 4] as const;
/** Accumulators of a tile: more do not stay in registers beside what they are made of. */
const mostAccumulators = 10;
const mostNodes = 24;

export function contractions(nest: Nest, width: 2 | 4, wide: boolean): Tiling[] {
  const heavy = heaviestStage(nest);
  const stage = nest.stages[heavy];
  if (stage === undefined || !isReorderable(stage) || stage.accumulators.length === 0) return [];
  const loads = stage.nodes.filter((node): node is LoadNode => node.kind === "load");
  const shared = nest.axes.filter(
    (axis) =>
      nest.parallel.has(axis) && (nest.extents[axis] ?? 1) > 1 && loads.some((load) => !has(load.axes, axis)),
  );
  if (pointsOf(nest, stage) < shortest || loads.length < 2 || stage.nodes.length > mostNodes) return [];
  const plain = plainTiling(nest, width);
  const stages = (own: StageTiling): StageTiling[] =>
    plain.stages.map((other, position) => (position === heavy ? { ...own, accumulation: "blocked" } : other));
  const own = plain.stages[heavy];
  if (own === undefined) return [];
  const tilings: Tiling[] = [];
  for (const lanes of nest.axes.filter((axis) => nest.parallel.has(axis))) {
    // See `factorsOf` for why float64 is not done in neighboring groups.
    for (const groups of wide && width === 2 ? [1] : laneGroups) {
      const factor = groups * width;
      if (factor > (nest.extents[lanes] ?? 1)) continue;
      for (const tile of tilesOf(
        nest,
        shared.filter((axis) => axis !== lanes),
        groups,
      )) {
        const factors = new Map([...tile, [lanes, factor]]);
        tilings.push({
          ...plain,
          order: orderOf(nest, lanes, tile),
          factors,
          lanes,
          stages: stages(own),
          heavy,
        });
      }
    }
  }
  for (const { axis, own: inLanes } of laneStages(stage, own)) {
    if (width > (nest.extents[axis] ?? 1)) continue;
    for (const tile of tilesOf(nest, shared, 1)) {
      const factors = new Map([...tile, [axis, width]]);
      tilings.push({ ...plain, factors, stages: stages(inLanes), heavy });
    }
  }
  return tilings;
}

function heaviestStage(nest: Nest): number {
  const points = nest.stages.map((stage) => pointsOf(nest, stage));
  return points.indexOf(Math.max(...points));
}

function pointsOf(nest: Nest, stage: NestStage): number {
  return stage.axes.reduce((product, axis) => product * (nest.extents[axis] ?? 1), 1);
}

/** Sizes for at most two axes, at least one of them done several positions at a time. */
function tilesOf(nest: Nest, axes: readonly number[], groups: number): Map<number, number>[] {
  const tiles: Map<number, number>[] = [];
  for (const [position, first] of axes.entries()) {
    for (const size of tileSizes) {
      if (size === 1 || size > (nest.extents[first] ?? 1) || size * groups > mostAccumulators) continue;
      tiles.push(new Map([[first, size]]));
      for (const second of axes.slice(position + 1)) {
        for (const other of tileSizes) {
          if (other === 1 || other > (nest.extents[second] ?? 1) || size * other * groups > mostAccumulators)
            continue;
          tiles.push(
            new Map([
              [first, size],
              [second, other],
            ]),
          );
        }
      }
    }
  }
  return tiles;
}

/** The lanes' loop outside the loop over rows: what all rows share of the lanes' operand stays in the cache. */
function orderOf(nest: Nest, lanes: number, tile: ReadonlyMap<number, number>): number[] {
  const order = innermost(nest, lanes);
  const rows = order.filter((axis) => tile.has(axis) && nest.parallel.has(axis));
  const at = order.indexOf(lanes);
  let start = at;
  while (start > 0 && nest.parallel.has(order[start - 1] ?? -1)) start--;
  const run = order.slice(start, at + 1);
  const moved = run.filter((axis) => rows.includes(axis));
  const kept = run.filter((axis) => !rows.includes(axis));
  return [...order.slice(0, start), ...kept, ...moved, ...order.slice(at + 1)];
}
