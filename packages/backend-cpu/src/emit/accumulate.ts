/**
 * Accumulators while a stage runs: identity, combination point by point, and the final value. Where lanes run along the
 * stage itself, every lane has its own, and they are combined at the end, always in the same order.
 */

import { type DType, dtypes } from "@adjoint/core";
import { combines, identityOf } from "@adjoint/core/kernel";
import type { FunctionBody } from "../wasm/function.js";
import { accumulatesInLanes } from "./demand.js";
import type { Frame } from "./frame.js";
import { converted, highHalf, registerCount, registersFor } from "./mask.js";
import type { NestAccumulator } from "./nest.js";
import { bit } from "./node.js";
import { machineOf } from "./primitive.js";
import { scalarCode } from "./scalar.js";
import type { StageSchedule } from "./schedule.js";
import type { Value, Vector } from "./scope.js";
import { pushLane } from "./store.js";
import { vectorCode } from "./vector.js";

interface Kept {
  readonly accumulator: NestAccumulator;
  /** What it is kept as. */
  readonly dtype: DType;
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
      const sums = dtype === "float32" && (combine === "add" || combine === "mul");
      return {
        accumulator,
        dtype: sums && tiling.accumulation === "wide" ? "float64" : dtype,
        inLanes: accumulatesInLanes(stage, index, tiling.lanes, frame.demand),
      };
    });
  }

  /** Sets all accumulators to their identities. */
  begin(): void {
    this.#each((kept, key) => this.#running.set(key, this.#identity(kept)));
  }

  /** Puts the points of `block` aside as one partial result. */
  inBlock(block: () => void): void {
    this.#each((kept, key) => this.#identity(kept, this.#running.get(key)));
    block();
    this.#each((kept, key) => {
      const total = this.#total.get(key);
      const partial = this.#running.get(key);
      if (total !== undefined && partial !== undefined) this.#combine(kept, total, partial);
    });
  }

  /** Prepares for blocks: their results are collected apart. */
  beginBlocks(): void {
    this.#each((kept, key) => this.#total.set(key, this.#identity(kept)));
  }

  /** Combines an accumulator with its value at the current point. */
  update(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept === undefined || cell === undefined) return;
    const { body } = this.#frame;
    const { value } = kept.accumulator;
    if ("local" in cell) {
      const operand = body.local(machineOf(kept.dtype).type);
      this.#frame.pushScalar(value);
      if (kept.dtype !== value.dtype) body.op("f64.promote_f32");
      body.set(operand);
      this.#combine(kept, cell, { local: operand });
      body.release(operand);
      return;
    }
    const lanes = this.#frame.laneCount;
    const vector = this.#cast(this.#frame.vector(value), value.dtype, kept.dtype, lanes);
    converted(body, [vector], lanes, cell.bytes, ([operand]) => {
      if (operand !== undefined) this.#combineLanes(kept, cell, operand, lanes);
    });
    this.#releaseCast(vector, kept, value.dtype);
  }

  /** Makes the running value of an accumulator readable at the current point. */
  expose(index: number): void {
    const kept = this.#kept[index];
    const cell = this.#running.get(this.#key(index));
    if (kept !== undefined && cell !== undefined) this.#bind(kept, cell);
  }

  /** Makes the final values readable in the current scope. */
  finish(): void {
    const cells = this.#total.size > 0 ? this.#total : this.#running;
    for (const [index, kept] of this.#kept.entries()) {
      const { node } = kept.accumulator;
      if (!this.#frame.demand.scalar.has(node) && !this.#frame.demand.vector.has(node)) continue;
      this.#frame.points(this.#frame.tiled(node.axes), () => {
        const cell = this.#lanes === undefined ? cells.get(this.#key(index)) : this.#joinLanes(kept, index, cells);
        if (cell !== undefined) this.#bind(kept, cell);
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
    const positions = lanes === undefined ? 1 : Math.min(tiling.factors.get(lanes) ?? 1, nest.extents[lanes] ?? 1);
    for (const [index, kept] of this.#kept.entries()) {
      const axes = this.#frame.tiled(kept.accumulator.value.axes & this.#outer);
      this.#frame.points(axes, () => {
        for (let position = 0; position < positions; position += lanes === undefined ? 1 : tiling.width) {
          visit(kept, this.#key(index, position));
        }
      });
    }
  }

  #key(index: number, position: number = this.#lanes === undefined ? 0 : this.#frame.axis(this.#lanes).point): string {
    const axes = (this.#kept[index]?.accumulator.value.axes ?? 0n) & this.#outer;
    return `${index}:${this.#frame.pointKey(axes)}:${position}`;
  }

  /** Sets a cell, a new one unless given, to the identity. */
  #identity({ accumulator, dtype, inLanes }: Kept, into?: Cell): Cell {
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
      into !== undefined && "registers" in into ? into : { registers: registersFor(body, tiling.width, bytes), bytes };
    for (const register of cell.registers) {
      body[type](dtype === "bool" ? -identity : identity);
      body.op(splat);
      body.set(register);
    }
    return cell;
  }

  #combine(kept: Kept, cell: Cell, operand: Cell): void {
    const { body, tiling } = this.#frame;
    if ("local" in cell) {
      if (!("local" in operand)) return;
      const operands = [cell.local, operand.local];
      scalarCode[combines[kept.accumulator.combine].op]({
        body,
        dtype: kept.dtype,
        result: kept.dtype,
        push: (position) => body.get(operands[position] ?? cell.local),
        constant: () => undefined,
      });
      body.set(cell.local);
    } else if ("registers" in operand) this.#combineLanes(kept, cell, operand, tiling.width);
  }

  /** Lanes of the stage that are not in use keep what they have. */
  #combineLanes(kept: Kept, cell: Vector, operand: Vector, lanes: number): void {
    const { body, tiling } = this.#frame;
    const count = registerCount(lanes, cell.bytes);
    const registers = cell.registers.slice(0, count);
    const masked = this.#lanes !== undefined && lanes < tiling.width;
    const into = masked ? registersFor(body, lanes, cell.bytes) : registers;
    combineVectors(body, kept, [{ registers, bytes: cell.bytes }, operand], lanes, into);
    if (!masked) return;
    const perRegister = 16 / cell.bytes;
    for (const [index, register] of registers.entries()) {
      body.get(into[index] ?? register);
      body.get(register);
      body.v128(laneMask(Math.min(perRegister, lanes - index * perRegister) * cell.bytes));
      body.op("v128.bitselect");
      body.set(register);
      body.release(into[index] ?? register);
    }
  }

  /** Combines all lanes of all groups into one value. */
  #joinLanes(kept: Kept, index: number, cells: Cells): Cell | undefined {
    const { body, tiling } = this.#frame;
    const first = cells.get(this.#key(index, 0));
    if (first === undefined || "local" in first) return first;
    for (let position = tiling.width; ; position += tiling.width) {
      const next = cells.get(this.#key(index, position));
      if (next === undefined || "local" in next) break;
      combineVectors(body, kept, [first, next], tiling.width, first.registers);
    }
    const { bytes } = first;
    const [register = 0, second] = first.registers;
    const one = [register];
    const fold = (other: number): void =>
      combineVectors(body, kept, [{ registers: one, bytes }, { registers: [other], bytes }], 1, one);
    if (second !== undefined) fold(second);
    const moved = body.local("v128");
    const inRegister = Math.min(tiling.width, 16 / bytes);
    const steps = [...(inRegister * bytes === 16 ? [highHalf] : []), ...(bytes === 4 ? [secondWord] : [])];
    for (const picks of steps) {
      body.get(register);
      body.get(register);
      body.shuffle(picks);
      body.set(moved);
      fold(moved);
    }
    body.release(moved);
    const local = body.local(machineOf(kept.dtype).type);
    pushLane(this.#frame, kept.dtype, { registers: one, bytes }, 0);
    body.set(local);
    return { local };
  }

  /** Binds a copy of a cell, in the accumulator's own dtype, to its node. */
  #bind({ accumulator, dtype, inLanes }: Kept, cell: Cell): void {
    const { body, demand } = this.#frame;
    const { node } = accumulator;
    if ("local" in cell) {
      const local = body.local(machineOf(accumulator.dtype).type);
      body.get(cell.local);
      if (dtype !== accumulator.dtype) body.op("f32.demote_f64");
      body.set(local);
      const value: Value = { scalar: local };
      const vector = demand.vector.has(node) ? this.#frame.splat(node.dtype, () => body.get(local)) : undefined;
      this.#frame.bind(node, vector === undefined ? value : { ...value, vector });
      if (inLanes) body.release(cell.local);
      return;
    }
    const lanes = this.#frame.laneCount;
    const site = { body, lanes, inputs: [cell], uniform: () => undefined };
    const vector = vectorCode.cast({ ...site, dtype, result: accumulator.dtype });
    this.#frame.bind(node, { vector });
  }

  #cast(vector: Vector, from: DType, to: DType, lanes: number): Vector {
    if (from === to) return vector;
    const { body } = this.#frame;
    return vectorCode.cast({ body, lanes, inputs: [vector], dtype: from, result: to, uniform: () => undefined });
  }

  #releaseCast(vector: Vector, kept: Kept, from: DType): void {
    if (from === kept.dtype) return;
    for (const register of vector.registers) this.#frame.body.release(register);
  }
}

function combineVectors(
  body: FunctionBody,
  { accumulator, dtype }: Kept,
  inputs: readonly [Vector, Vector],
  lanes: number,
  into: readonly number[],
): void {
  const op = combines[accumulator.combine].op;
  vectorCode[op]({ body, lanes, dtype, result: dtype, inputs, uniform: () => undefined, into });
}

function laneMask(bytes: number): Uint8Array {
  return new Uint8Array(16).map((_, index) => (index < bytes ? 0xff : 0));
}
