/** Elements of operands, drawn deterministically from the name of a case. It refuses to depend on anything else. */

import type { OperandSpec } from "./cases/case.js";

/** A stream of numbers uniform in [0, 1): mulberry32 over a hash of the name. */
export function stream(name: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers uniform in [-1, 1), representable in float32: directions and seeds. */
export function direction(size: number, next: () => number): number[] {
  return Array.from({ length: size }, () => Math.fround(2 * next() - 1));
}

/** The elements of an operand; drawn floats are representable in float32, so that every backend sees the same point. */
export function drawOperand(operand: OperandSpec, next: () => number): readonly number[] {
  const { elements, shape, dtype } = operand;
  if (!("low" in elements)) return elements;
  const { low, high } = elements;
  const size = shape.reduce((product, extent) => product * extent, 1);
  return Array.from({ length: size }, () =>
    dtype.startsWith("float")
      ? Math.fround(low + (high - low) * next())
      : low + Math.floor((high - low + 1) * next()),
  );
}
