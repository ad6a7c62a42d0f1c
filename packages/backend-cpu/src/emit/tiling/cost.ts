/**
 * An estimate of how long a nest runs under a tiling, in instructions: what is executed at each loop level, the latency
 * of accumulation, the spilling of registers. It refuses to know caches.
 */

import { type DType, dtypes } from "@adjoint/core";
import { machineOf } from "../code/primitive.js";
import { registerCount } from "../code/register.js";
import type { Nest, NestStage } from "../nest/nest.js";
import { has, type Node, type Place } from "../nest/node.js";
import { partsOf } from "../part.js";
import type { StageTiling, Tiling } from "./tiling.js";

/** Instructions that could issue while one floating-point addition waits for the one before it. */
const latency = 12;
/** Registers that engines manage to keep values in: accumulators beyond them travel through memory in every iteration. */
const vectorRegisters = 13;
/** Instructions of a loop besides its body, and per address that moves. */
const loopOverhead = 2;
const addressOverhead = 0.5;

/** Elements of a cache line, and what it costs to fetch one. */
const lineElements = 16;
const lineFetch = 8;

/** Operations that take longer than an addition. */
const slow: Readonly<Partial<Record<string, number>>> = {
  div: 4,
  sqrt: 5,
  rem: 8,
  ldexp: 12,
  exponent: 8,
  select: 2,
};

/** One loop, as far as counting goes. */
interface Level {
  readonly axis: number;
  readonly tiles: number;
  /** How often code runs that depends on the axis. */
  readonly repeats: number;
}

interface Site {
  readonly stage: NestStage;
  readonly tiling: Tiling;
  readonly wide: boolean;
  readonly lanes: number | undefined;
  readonly levels: readonly Level[];
}

export class CostModel {
  readonly #nest: Nest;

  constructor(nest: Nest) {
    this.#nest = nest;
  }

  ofNest(tiling: Tiling): number {
    return this.#nest.stages.reduce((sum, stage, position) => {
      const own = tiling.stages[position];
      return own === undefined ? sum : sum + this.ofStage(stage, tiling, own);
    }, 0);
  }

  ofStage(stage: NestStage, tiling: Tiling, own: StageTiling): number {
    const lanes = tiling.lanes ?? own.lanes;
    const levels = [...tiling.order, ...own.order].map((axis) => this.#level(tiling, axis, axis === lanes));
    const site: Site = { stage, tiling, wide: own.accumulation === "wide", lanes, levels };
    const iterations = levels.reduce((product, { tiles }) => product * tiles, 1);
    let hoisted = 0;
    let inner = 0;
    let places = stage.stores.length;
    for (const node of stage.nodes) {
      const depth = depthOf(site, node);
      const cost = unitOf(site, node) * repeatsOf(levels, depth, node.axes);
      if (depth === levels.length) inner += cost;
      else hoisted += cost;
      if (node.kind === "load" && depth === levels.length) places++;
    }
    for (const store of stage.stores) {
      inner +=
        placeCost(site, store, store.axes, store.value.dtype) * repeatsOf(levels, levels.length, store.axes);
    }
    for (const accumulator of stage.accumulators) {
      const { axes } = accumulator.value;
      inner += updateCost(site, accumulator.dtype, axes) * repeatsOf(levels, levels.length, axes);
    }
    const chained = stage.accumulators.length > 0 && own.order.length > 0 ? latency : 0;
    const overhead = loopOverhead + addressOverhead * places + 2 * this.#spilled(site);
    return hoisted + Math.max(inner + overhead * iterations, chained * iterations);
  }

  #level(tiling: Tiling, axis: number, isLanes: boolean): Level {
    const step = isLanes ? tiling.width : 1;
    const parts = partsOf(this.#nest.extents[axis] ?? 1, tiling.factors.get(axis) ?? 1);
    return {
      axis,
      tiles: parts.reduce((sum, { count }) => sum + count, 0),
      repeats: parts.reduce((sum, { count, factor }) => sum + count * Math.ceil(factor / step), 0),
    };
  }

  /** Registers that accumulators, and loads kept for several points of a tile, need beyond those there are. */
  #spilled(site: Site): number {
    const { stage, tiling, lanes } = site;
    if (stage.accumulators.length === 0) return 0;
    const positions = (axes: bigint): number => {
      let product = 1;
      for (const [axis, factor] of tiling.factors) {
        if (has(axes, axis)) product *= axis === lanes ? Math.ceil(factor / tiling.width) : factor;
      }
      return product;
    };
    let registers = 2;
    for (const { value, dtype } of stage.accumulators) {
      registers +=
        positions(value.axes | laneSet(site)) * registersOf(site, dtype, value.axes | laneSet(site));
    }
    const loads = stage.nodes.filter(
      (node) => node.kind === "load" && depthOf(site, node) === site.levels.length,
    );
    const counts = loads.map((load) => positions(load.axes));
    const most = Math.max(0, ...counts);
    // What depends on the axis with most positions comes and goes, the rest is kept.
    let streamed = false;
    for (const count of counts) {
      registers += count === most && !streamed ? 1 : count;
      streamed ||= count === most;
    }
    return Math.max(0, registers - vectorRegisters);
  }
}

function laneSet({ lanes }: Site): bigint {
  return lanes === undefined ? 0n : 1n << BigInt(lanes);
}

function varies({ lanes }: Site, axes: bigint): boolean {
  return lanes !== undefined && has(axes, lanes);
}

/** How many loops are around a node where it is evaluated. */
function depthOf({ stage, levels }: Site, node: Node): number {
  if (has(node.accumulators, stage.position) || (node.written & stage.stored) !== 0n) return levels.length;
  for (let depth = levels.length; depth > 0; depth--) {
    if (has(node.axes, levels[depth - 1]?.axis ?? -1)) return depth;
  }
  return 0;
}

function repeatsOf(levels: readonly Level[], depth: number, axes: bigint): number {
  let product = 1;
  for (let at = 0; at < depth; at++) {
    const level = levels[at];
    if (level !== undefined) product *= has(axes, level.axis) ? level.repeats : level.tiles;
  }
  return product;
}

function registersOf(site: Site, dtype: DType, axes: bigint): number {
  return varies(site, axes) ? registerCount(site.tiling.width, machineOf(dtype).bytes) : 1;
}

function updateCost(site: Site, dtype: DType, axes: bigint): number {
  const inLanes = axes | laneSet(site);
  if (!(site.wide && dtype === "float32")) return registersOf(site, dtype, inLanes);
  return 2 * registersOf(site, "float64", inLanes) + 1;
}

function unitOf(site: Site, node: Node): number {
  switch (node.kind) {
    case "constant":
    case "accumulator":
      return 0;
    case "load":
      return placeCost(site, node, node.axes, node.dtype);
    case "operation": {
      const unit = slow[node.op] ?? 1;
      if (!varies(site, node.axes)) return unit;
      const integer = dtypes[node.dtype].kind === "integer";
      if (integer && (node.op === "div" || node.op === "rem")) return site.tiling.width * (unit + 2);
      return unit * registersOf(site, node.inputs.at(-1)?.dtype ?? node.dtype, node.axes);
    }
    default:
      return varies(site, node.axes) ? 0 : 1;
  }
}

function placeCost(site: Site, place: Place, axes: bigint, dtype: DType): number {
  const guards = place.guards.length;
  if (!varies(site, axes)) return 1 + guards;
  const stride = place.offset.strides[site.lanes ?? -1] ?? 0;
  const varying = place.guards.filter((guard) => varies(site, guard.axes)).length;
  const computed = place.indirect.some(({ index }) => varies(site, index.axes));
  if (stride === 1 && !computed) return registersOf(site, dtype, axes) + guards + 3 * varying;
  return site.tiling.width * (2 + (computed ? 2 : 0) + 2 * varying + fetchCost(site, place));
}

/** The share of fetching a cache line that falls on one element, when neighbors in memory are far apart in time. */
function fetchCost({ tiling }: Site, { offset: { strides } }: Place): number {
  let used = 1;
  for (const [axis, factor] of tiling.factors)
    if (Math.abs(strides[axis] ?? 0) === 1) used = Math.max(used, factor);
  return lineFetch / Math.min(used, lineElements);
}
