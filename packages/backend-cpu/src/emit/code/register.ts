/** Registers of vectors, and masks changed from one lane width to the other. */

import type { FunctionBody } from "../../wasm/function.js";

/** Lanes of one group, in 128-bit locals; `bytes` is the width of one lane (of masks: of what was compared). */
export interface Vector {
  readonly registers: readonly number[];
  readonly bytes: 4 | 8;
}

/** How many registers a group of lanes takes. */
export function registerCount(lanes: number, bytes: 4 | 8): number {
  return Math.ceil((lanes * bytes) / 16);
}

export function registersFor(body: FunctionBody, lanes: number, bytes: 4 | 8): number[] {
  return Array.from({ length: registerCount(lanes, bytes) }, () => body.local("v128"));
}

/** Even 32-bit words of two registers. */
export const evenWords: readonly number[] = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
/** The lower halves of two registers. */
export const lowHalves: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
/** The upper half of the first register in the lower half. */
export const highHalf: readonly number[] = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/**
 * Calls `use` with every mask in lanes of `bytes`; vectors that have that width are passed as they are.
 * Registers made on the way are released afterwards.
 */
export function converted<R>(
  body: FunctionBody,
  masks: readonly Vector[],
  lanes: number,
  bytes: 4 | 8,
  use: (masks: readonly Vector[]) => R,
): R {
  const made: number[] = [];
  const fitting = masks.map((mask) => {
    if (mask.bytes === bytes) return mask;
    const registers = registersFor(body, lanes, bytes);
    made.push(...registers);
    if (bytes === 4) narrow(body, mask.registers, registers);
    else widen(body, mask.registers, registers);
    return { registers, bytes };
  });
  const result = use(fitting);
  for (const register of made) body.release(register);
  return result;
}

function narrow(body: FunctionBody, from: readonly number[], to: readonly number[]): void {
  const [low = 0, high = low] = from;
  body.get(low);
  body.get(high);
  body.shuffle(evenWords);
  body.set(to[0] ?? 0);
}

function widen(body: FunctionBody, from: readonly number[], to: readonly number[]): void {
  for (const [index, register] of to.entries()) {
    body.get(from[0] ?? 0);
    body.op(index === 0 ? "i64x2.extend_low_i32x4_s" : "i64x2.extend_high_i32x4_s");
    body.set(register);
  }
}
