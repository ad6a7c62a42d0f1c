/** The locals that hold an accumulator: a single value, or the lanes of a group. It refuses to know stages and points. */

import type { DType } from "@adjoint/core";
import { type Combine, combines, identityOf } from "@adjoint/core/kernel";
import { machineOf } from "./code/primitive.js";
import type { Vector } from "./code/register.js";
import { converted, highHalf, registerCount, registersFor } from "./code/register.js";
import { scalarCode } from "./code/scalar.js";
import { onLocals, onVectors } from "./code/site.js";
import { vectorCode } from "./code/vector.js";
import type { Frame } from "./frame.js";
import { pushLane } from "./store.js";

export type Cell = { readonly local: number } | Vector;

/** What is combined, and the dtype in which. */
export interface Combination {
  readonly combine: Combine;
  readonly dtype: DType;
}

/** The second word of a register in the place of the first. */
const secondWord: readonly number[] = [4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15];

export function makeCell({ body, tiling }: Frame, dtype: DType, inLanes: boolean): Cell {
  const { type, bytes } = machineOf(dtype);
  return inLanes
    ? { registers: registersFor(body, tiling.width, bytes), bytes }
    : { local: body.local(type) };
}

export function releaseCell({ body }: Frame, cell: Cell): void {
  for (const local of "local" in cell ? [cell.local] : cell.registers) body.release(local);
}

export function setIdentity({ body }: Frame, { combine, dtype }: Combination, cell: Cell): void {
  const { type, splat } = machineOf(dtype);
  const identity = identityOf(combine, dtype);
  if ("local" in cell) {
    body[type](identity);
    body.set(cell.local);
    return;
  }
  for (const register of cell.registers) {
    // A true lane is a mask of ones.
    body[type](dtype === "bool" ? -identity : identity);
    body.op(splat);
    body.set(register);
  }
}

/** cell ← combine(cell, operand), in the first lanes only if `partial`. */
export function combineCells(
  frame: Frame,
  { combine, dtype }: Combination,
  cell: Cell,
  operand: Cell,
  lanes: number,
  partial: boolean,
): void {
  const { body } = frame;
  const { op } = combines[combine];
  if ("local" in cell || "local" in operand) {
    if (!("local" in cell && "local" in operand)) return;
    scalarCode[op](onLocals(body, dtype, [cell.local, operand.local]));
    body.set(cell.local);
    return;
  }
  const { bytes } = cell;
  const registers = cell.registers.slice(0, registerCount(lanes, bytes));
  const into = partial ? registersFor(body, lanes, bytes) : registers;
  converted(body, [operand], lanes, bytes, (others) => {
    vectorCode[op](onVectors(body, { lanes, dtype, inputs: [{ registers, bytes }, ...others], into }));
  });
  if (!partial) return;
  for (const [index, register] of registers.entries()) {
    const combined = into[index] ?? register;
    const used = Math.min(16, lanes * bytes - index * 16);
    body.get(combined);
    body.get(register);
    body.v128(new Uint8Array(16).fill(0xff, 0, used));
    body.op("v128.bitselect");
    body.set(register);
    body.release(combined);
  }
}

/** Combines all lanes of several cells, in the registers of the first, into a new local. */
export function joinLanes(
  frame: Frame,
  what: Combination,
  cells: readonly Vector[],
): { readonly local: number } {
  const { body, tiling } = frame;
  const [first, ...others] = cells;
  const { registers, bytes } = first ?? { registers: [], bytes: 4 };
  for (const other of others) combineCells(frame, what, { registers, bytes }, other, tiling.width, false);
  const [register = 0, second] = registers;
  const one: Vector = { registers: [register], bytes };
  const fold = (other: number): void => {
    combineCells(frame, what, one, { registers: [other], bytes }, 1, false);
  };
  if (second !== undefined) fold(second);
  const moved = body.local("v128");
  const used = Math.min(tiling.width * bytes, 16);
  for (const picks of [...(used === 16 ? [highHalf] : []), ...(bytes === 4 ? [secondWord] : [])]) {
    body.get(register);
    body.get(register);
    body.shuffle(picks);
    body.set(moved);
    fold(moved);
  }
  body.release(moved);
  const local = body.local(machineOf(what.dtype).type);
  pushLane(frame, what.dtype, one, 0);
  body.set(local);
  return { local };
}

/** A cell as float32 or float64, in new locals if it was not; lanes past the end may be lost. */
export function castCell({ body }: Frame, cell: Cell, from: DType, to: DType, lanes: number): Cell {
  if (from === to) return cell;
  if ("registers" in cell) {
    return vectorCode.cast(onVectors(body, { lanes, inputs: [cell], dtype: from, result: to }));
  }
  const local = body.local(machineOf(to).type);
  body.get(cell.local);
  body.op(to === "float64" ? "f64.promote_f32" : "f32.demote_f64");
  body.set(local);
  return { local };
}

/** A copy in locals of its own. */
export function copyCell({ body }: Frame, cell: Cell, dtype: DType, lanes: number): Cell {
  if ("registers" in cell) {
    return vectorCode.cast(onVectors(body, { lanes, inputs: [cell], dtype }));
  }
  const local = body.local(machineOf(dtype).type);
  body.get(cell.local);
  body.set(local);
  return { local };
}
