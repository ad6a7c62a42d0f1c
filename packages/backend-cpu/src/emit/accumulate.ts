/**
 * Accumulators while a stage runs: identity, combination point by point, and the final value. Where lanes run along the
 * stage itself, every lane has its own, and they are combined at the end, always in the same order.
 */

import type { DType } from "@adjoint/core";
import {
  type Cell,
  castCell,
  combineCells,
  copyCell,
  joinLanes,
  makeCell,
  releaseCell,
  setIdentity,
} from "./cell.js";
import { machineOf } from "./code/primitive.js";
import { accumulatesInLanes } from "./demand.js";
import type { Frame } from "./frame.js";
import type { NestAccumulator } from "./nest/nest.js";
import { bit } from "./nest/node.js";
import type { StageSchedule } from "./schedule.js";

interface Kept {
  readonly accumulator: NestAccumulator;
  /** What it is kept as point by point, and over blocks. */
  readonly dtype: DType;
  readonly totalDType: DType;
  readonly inLanes: boolean;
}

type Cells = Map<string, Cell>;

export class Accumulators {
  readonly #frame: Frame;
  /** The axis of the stage whose positions are lanes. */
  readonly #lanes: number | undefined;
  readonly #outer: bigint;
  readonly #kept: readonly Kept[];
  readonly #running: Cells = new Map();
  readonly #total: Cells = new Map();

  constructor(frame: Frame, { stage, tiling }: StageSchedule) {
    this.#frame = frame;
    this.#lanes = tiling.lanes;
    this.#outer = frame.nest.axes.reduce((set, axis) => set | bit(axis), 0n);
    this.#kept = stage.accumulators.map((accumulator, index) => {
      const { combine, dtype } = accumulator;
      const totalDType = dtype === "float32" && (combine === "add" || combine === "mul") ? "float64" : dtype;
      return {
        accumulator,
        dtype: tiling.accumulation === "wide" ? totalDType : dtype,
        totalDType,
        inLanes: accumulatesInLanes(stage, index, tiling.lanes, frame.demand),
      };
    });
  }

  /** Sets all accumulators to their identities. */
  begin(): void {
    this.#each((kept, key) => this.#start(this.#running, key, kept, kept.dtype));
  }

  /** Prepares for blocks, whose results are collected apart. */
  beginBlocks(): void {
    this.#each((kept, key) => this.#start(this.#total, key, kept, kept.totalDType));
  }

  /** Puts the points of `block` aside as one partial result. */
  inBlock(block: () => void): void {
    this.#each((kept, key) => this.#start(this.#running, key, kept, kept.dtype));
    block();
    const frame = this.#frame;
    const { width } = frame.tiling;
    this.#each(({ accumulator: { combine }, dtype, totalDType }, key) => {
      const total = this.#total.get(key);
      const partial = this.#running.get(key);
      if (total === undefined || partial === undefined) return;
      const operand = castCell(frame, partial, dtype, totalDType, width);
      combineCells(frame, { combine, dtype: totalDType }, total, operand, width, false);
      if (operand !== partial) releaseCell(frame, operand);
    });
  }

  /** Combines an accumulator with its value at the current point. */
  update(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept === undefined || cell === undefined) return;
    const frame = this.#frame;
    const { combine, value } = kept.accumulator;
    const lanes = kept.inLanes ? frame.laneCount : 1;
    const given = kept.inLanes ? frame.vector(value) : this.#single(index);
    const operand = castCell(frame, given, value.dtype, kept.dtype, lanes);
    // Lanes of the stage that are not in use must keep what they have; those of the kernel may hold anything.
    const partial = this.#lanes !== undefined && lanes < frame.tiling.width;
    combineCells(frame, { combine, dtype: kept.dtype }, cell, operand, lanes, partial);
    if (operand !== given) releaseCell(frame, operand);
    if (!kept.inLanes) releaseCell(frame, given);
  }

  /** Makes the running value of an accumulator readable at the current point. */
  expose(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept !== undefined && cell !== undefined) this.#bind(kept, kept.dtype, cell);
  }

  /** Makes the final values readable in the current scope. */
  finish(): void {
    const frame = this.#frame;
    const inBlocks = this.#total.size > 0;
    const cells = inBlocks ? this.#total : this.#running;
    for (const [index, kept] of this.#kept.entries()) {
      const { node, combine } = kept.accumulator;
      if (!frame.demand.scalar.has(node) && !frame.demand.vector.has(node)) continue;
      const dtype = inBlocks ? kept.totalDType : kept.dtype;
      frame.points(frame.tiled(node.axes), () => {
        const groups = this.#groups().flatMap((position) => cells.get(this.#key(index, position)) ?? []);
        const [first] = groups;
        if (first === undefined) return;
        const vectors = groups.flatMap((group) => ("registers" in group ? group : []));
        const joined = this.#lanes === undefined ? first : joinLanes(frame, { combine, dtype }, vectors);
        this.#bind(kept, dtype, joined);
        if (joined !== first) releaseCell(frame, joined);
      });
    }
  }

  release(): void {
    for (const cell of [...this.#running.values(), ...this.#total.values()]) releaseCell(this.#frame, cell);
  }

  #start(cells: Cells, key: string, { accumulator, inLanes }: Kept, dtype: DType): void {
    const cell = cells.get(key) ?? makeCell(this.#frame, dtype, inLanes);
    setIdentity(this.#frame, { combine: accumulator.combine, dtype }, cell);
    cells.set(key, cell);
  }

  /** Every accumulator at every point of the tile that it depends on, in every group of lanes of the stage. */
  #each(visit: (kept: Kept, key: string) => void): void {
    for (const [index, kept] of this.#kept.entries()) {
      this.#frame.points(this.#frame.tiled(kept.accumulator.value.axes & this.#outer), () => {
        for (const position of this.#groups()) visit(kept, this.#key(index, position));
      });
    }
  }

  /** First positions of the groups of lanes of the stage. */
  #groups(): number[] {
    const { nest, tiling } = this.#frame;
    if (this.#lanes === undefined) return [0];
    const factor = Math.min(tiling.factors.get(this.#lanes) ?? 1, nest.extents[this.#lanes] ?? 1);
    return Array.from({ length: Math.ceil(factor / tiling.width) }, (_, group) => group * tiling.width);
  }

  #key(
    index: number,
    position: number = this.#lanes === undefined ? 0 : this.#frame.axis(this.#lanes).point,
  ): string {
    const axes = (this.#kept[index]?.accumulator.value.axes ?? 0n) & this.#outer;
    return `${index}:${this.#frame.pointKey(axes)}:${position}`;
  }

  /** The value of an accumulator at the current point, in a new local. */
  #single(index: number): Cell {
    const { body } = this.#frame;
    const value = this.#kept[index]?.accumulator.value;
    const local = body.local(machineOf(value?.dtype ?? "float32").type);
    if (value !== undefined) this.#frame.pushScalar(value);
    body.set(local);
    return { local };
  }

  /** Binds a copy of a cell, in the accumulator's own dtype, to its node. */
  #bind({ accumulator: { node } }: Kept, dtype: DType, cell: Cell): void {
    const frame = this.#frame;
    const lanes = frame.laneCount;
    const cast = castCell(frame, cell, dtype, node.dtype, lanes);
    const own = cast === cell ? copyCell(frame, cell, dtype, lanes) : cast;
    if ("registers" in own) {
      frame.bind(node, { vector: own });
      return;
    }
    const scalar = { scalar: own.local };
    if (!frame.demand.vector.has(node)) frame.bind(node, scalar);
    else frame.bind(node, { ...scalar, vector: frame.splat(node.dtype, () => frame.body.get(own.local)) });
  }
}
