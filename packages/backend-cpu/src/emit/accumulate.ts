/**
 * Accumulators while a stage runs: identity, combination point by point, and the final value. Where lanes run along the
 * stage itself, every lane has its own, and they are combined at the end, always in the same order.
 */

import type { DType } from "@adjoint/core";
import { combines, identityOf } from "@adjoint/core/kernel";
import type { FunctionBody } from "../wasm/function.js";
import { accumulatesInLanes } from "./demand.js";
import type { Frame } from "./frame.js";
import { converted, highHalf, registerCount, registersFor } from "./code/mask.js";
import type { NestAccumulator } from "./nest/nest.js";
import { bit } from "./nest/node.js";
import { machineOf } from "./code/primitive.js";
import { scalarCode } from "./code/scalar.js";
import type { StageSchedule } from "./schedule.js";
import type { Vector } from "./scope.js";
import { pushLane } from "./store.js";
import { vectorCode } from "./code/vector.js";

interface Kept {
  readonly accumulator: NestAccumulator;
  /** What it is kept as, point by point and over blocks. */
  readonly dtype: DType;
  readonly totalDType: DType;
  readonly inLanes: boolean;
}

type Cell = { readonly local: number } | Vector;
type Cells = Map<string, Cell>;

/** The second word of a register in the place of the first. */
const secondWord: readonly number[] = [4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15];

export class Accumulators {
  readonly #frame: Frame;
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
    this.#each((kept, key) => this.#running.set(key, this.#identity(kept, kept.dtype)));
  }

  /** Puts the points of `block` aside as one partial result. */
  inBlock(block: () => void): void {
    this.#each((kept, key) => this.#identity(kept, kept.dtype, this.#running.get(key)));
    block();
    this.#each((kept, key) => {
      const total = this.#total.get(key);
      const partial = this.#running.get(key);
      if (total === undefined || partial === undefined) return;
      const { width } = this.#frame.tiling;
      this.#cast(partial, kept.dtype, kept.totalDType, width, (operand) => {
        this.#combine(kept, kept.totalDType, total, operand, width);
      });
    });
  }

  /** Prepares for blocks: their results are collected apart. */
  beginBlocks(): void {
    this.#each((kept, key) => this.#total.set(key, this.#identity(kept, kept.totalDType)));
  }

  /** Combines an accumulator with its value at the current point. */
  update(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept === undefined || cell === undefined) return;
    const { value } = kept.accumulator;
    if (kept.inLanes) {
      const lanes = this.#frame.laneCount;
      this.#cast(this.#frame.vector(value), value.dtype, kept.dtype, lanes, (operand) => {
        this.#combine(kept, kept.dtype, cell, operand, lanes);
      });
      return;
    }
    const { body } = this.#frame;
    const local = body.local(machineOf(value.dtype).type);
    this.#frame.pushScalar(value);
    body.set(local);
    this.#cast({ local }, value.dtype, kept.dtype, 1, (operand) => {
      this.#combine(kept, kept.dtype, cell, operand, 1);
    });
    body.release(local);
  }

  /** Makes the running value of an accumulator readable at the current point. */
  expose(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept !== undefined && cell !== undefined) this.#bind(kept, kept.dtype, cell);
  }

  /** Makes the final values readable in the current scope. */
  finish(): void {
    const inBlocks = this.#total.size > 0;
    const cells = inBlocks ? this.#total : this.#running;
    for (const [index, kept] of this.#kept.entries()) {
      const { node } = kept.accumulator;
      if (!this.#frame.demand.scalar.has(node) && !this.#frame.demand.vector.has(node)) continue;
      const dtype = inBlocks ? kept.totalDType : kept.dtype;
      this.#frame.points(this.#frame.tiled(node.axes), () => {
        const cell = cells.get(this.#key(index));
        if (cell === undefined) return;
        if (this.#lanes === undefined || "local" in cell) this.#bind(kept, dtype, cell);
        else {
          const joined = this.#joinLanes(kept, dtype, index, cells, cell);
          this.#bind(kept, dtype, joined);
          this.#frame.body.release(joined.local);
        }
      });
    }
  }

  /** Gives the registers back. */
  release(): void {
    for (const cell of [...this.#running.values(), ...this.#total.values()]) {
      for (const local of "local" in cell ? [cell.local] : cell.registers) this.#frame.body.release(local);
    }
  }

  /** Every accumulator at every point of the tile that it depends on, in every group of lanes of the stage. */
  #each(visit: (kept: Kept, key: string) => void): void {
    const { nest, tiling } = this.#frame;
    const lanes = this.#lanes;
    const positions =
      lanes === undefined ? 1 : Math.min(tiling.factors.get(lanes) ?? 1, nest.extents[lanes] ?? 1);
    for (const [index, kept] of this.#kept.entries()) {
      const axes = this.#frame.tiled(kept.accumulator.value.axes & this.#outer);
      this.#frame.points(axes, () => {
        for (let position = 0; position < positions; position += lanes === undefined ? 1 : tiling.width) {
          visit(kept, this.#key(index, position));
        }
      });
    }
  }

  #key(
    index: number,
    position: number = this.#lanes === undefined ? 0 : this.#frame.axis(this.#lanes).point,
  ): string {
    const axes = (this.#kept[index]?.accumulator.value.axes ?? 0n) & this.#outer;
    return `${index}:${this.#frame.pointKey(axes)}:${position}`;
  }

  /** Sets a cell, a new one unless given, to the identity. */
  #identity({ accumulator, inLanes }: Kept, dtype: DType, into?: Cell): Cell {
    const { body, tiling } = this.#frame;
    const { type, bytes, splat } = machineOf(dtype);
    const identity = identityOf(accumulator.combine, dtype);
    if (!inLanes) {
      const cell = into !== undefined && "local" in into ? into : { local: body.local(type) };
      body[type](identity);
      body.set(cell.local);
      return cell;
    }
    const cell =
      into !== undefined && "registers" in into
        ? into
        : { registers: registersFor(body, tiling.width, bytes), bytes };
    for (const register of cell.registers) {
      body[type](dtype === "bool" ? -identity : identity);
      body.op(splat);
      body.set(register);
    }
    return cell;
  }

  /** Combines a cell with an operand of the same dtype; lanes of the stage that are not in use keep what they have. */
  #combine(kept: Kept, dtype: DType, cell: Cell, operand: Cell, lanes: number): void {
    const { body, tiling } = this.#frame;
    const { op } = combines[kept.accumulator.combine];
    if ("local" in cell || "local" in operand) {
      if (!("local" in cell && "local" in operand)) return;
      const operands = [cell.local, operand.local];
      const push = (position: number): void => body.get(operands[position] ?? cell.local);
      scalarCode[op]({ body, dtype, result: dtype, push, constant: () => undefined });
      body.set(cell.local);
      return;
    }
    const { bytes } = cell;
    const registers = cell.registers.slice(0, registerCount(lanes, bytes));
    const masked = this.#lanes !== undefined && lanes < tiling.width;
    const into = masked ? registersFor(body, lanes, bytes) : registers;
    converted(body, [operand], lanes, bytes, ([other]) => {
      if (other !== undefined) combineVectors(body, kept, dtype, [{ registers, bytes }, other], lanes, into);
    });
    if (!masked) return;
    for (const [index, register] of registers.entries()) {
      const own = into[index] ?? register;
      const used = Math.min(16 / bytes, lanes - (index * 16) / bytes);
      body.get(own);
      body.get(register);
      body.v128(laneMask(used * bytes));
      body.op("v128.bitselect");
      body.set(register);
      body.release(own);
    }
  }

  /** Combines all lanes of all groups into one value; `first` is the cell of the first group. */
  #joinLanes(
    kept: Kept,
    dtype: DType,
    index: number,
    cells: Cells,
    first: Vector,
  ): { readonly local: number } {
    const { body, tiling } = this.#frame;
    for (let position = tiling.width; ; position += tiling.width) {
      const next = cells.get(this.#key(index, position));
      if (next === undefined || "local" in next) break;
      combineVectors(body, kept, dtype, [first, next], tiling.width, first.registers);
    }
    const { bytes } = first;
    const [register = 0, second] = first.registers;
    const one = [register];
    const fold = (other: number): void => {
      const inputs: [Vector, Vector] = [
        { registers: one, bytes },
        { registers: [other], bytes },
      ];
      combineVectors(body, kept, dtype, inputs, 1, one);
    };
    if (second !== undefined) fold(second);
    const moved = body.local("v128");
    const inRegister = Math.min(tiling.width, 16 / bytes) * bytes;
    for (const picks of [...(inRegister === 16 ? [highHalf] : []), ...(bytes === 4 ? [secondWord] : [])]) {
      body.get(register);
      body.get(register);
      body.shuffle(picks);
      body.set(moved);
      fold(moved);
    }
    body.release(moved);
    const local = body.local(machineOf(dtype).type);
    pushLane(this.#frame, dtype, { registers: one, bytes }, 0);
    body.set(local);
    return { local };
  }

  /** Binds a copy of a cell, in the accumulator's own dtype, to its node. */
  #bind({ accumulator }: Kept, dtype: DType, cell: Cell): void {
    const { body, demand, laneCount } = this.#frame;
    const { node } = accumulator;
    if ("local" in cell) {
      const local = body.local(machineOf(node.dtype).type);
      body.get(cell.local);
      if (dtype !== node.dtype) body.op("f32.demote_f64");
      body.set(local);
      const scalar = { scalar: local };
      const wanted = demand.vector.has(node);
      const vector = wanted ? this.#frame.splat(node.dtype, () => body.get(local)) : undefined;
      this.#frame.bind(node, vector === undefined ? scalar : { ...scalar, vector });
      return;
    }
    const site = { body, lanes: laneCount, inputs: [cell], uniform: () => undefined };
    this.#frame.bind(node, { vector: vectorCode.cast({ ...site, dtype, result: node.dtype }) });
  }

  /** Calls `use` with a cell in another float dtype, kept only that long. */
  #cast(cell: Cell, from: DType, to: DType, lanes: number, use: (cell: Cell) => void): void {
    if (from === to) {
      use(cell);
      return;
    }
    const { body } = this.#frame;
    if ("local" in cell) {
      const local = body.local(machineOf(to).type);
      body.get(cell.local);
      body.op("f64.promote_f32");
      body.set(local);
      use({ local });
      body.release(local);
      return;
    }
    const vector = vectorCode.cast({
      body,
      lanes,
      inputs: [cell],
      dtype: from,
      result: to,
      uniform: () => undefined,
    });
    use(vector);
    for (const register of vector.registers) body.release(register);
  }
}

function combineVectors(
  body: FunctionBody,
  { accumulator }: Kept,
  dtype: DType,
  inputs: readonly [Vector, Vector],
  lanes: number,
  into: readonly number[],
): void {
  const { op } = combines[accumulator.combine];
  vectorCode[op]({ body, lanes, dtype, result: dtype, inputs, uniform: () => undefined, into });
}

function laneMask(bytes: number): Uint8Array {
  return new Uint8Array(16).map((_, index) => (index < bytes ? 0xff : 0));
}
