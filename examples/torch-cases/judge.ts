// Whether the outputs of a case are what PyTorch gave.

import type { CaseProgram, Expected } from "./program.js";

/** Greatest error of an element relative to it. */
const tolerance = 1e-8;
/** What counts as rounding noise in float64, relative to the largest element (at least 1) of its tensor. */
const noise = 1e-11;

export interface Outputs {
  readonly [name: string]: ArrayLike<number>;
}

export interface Verdict {
  /** The greatest error in units of what is allowed: at most 1 where everything is right. */
  readonly worst: number;
  /** What is wrong first, if anything. */
  readonly problem: string | undefined;
}

export function judge({ graph, expected }: CaseProgram, outputs: Outputs): Verdict {
  let worst = 0;
  let problem: string | undefined;
  for (const [name, wanted] of expected) {
    const node = graph.outputs[name];
    const found = outputs[name];
    if (node === undefined || found === undefined || node.shape.join() !== wanted.shape.join()) {
      problem ??= `${name} has shape [${node?.shape.join(", ")}], not [${wanted.shape.join(", ")}]`;
      continue;
    }
    const { error, element } = greatestError(found, wanted);
    worst = Math.max(worst, error);
    if (error > 1) problem ??= `${name}[${element}] is ${found[element]}, not ${wanted.elements[element]}`;
  }
  return { worst, problem };
}

function greatestError(
  found: ArrayLike<number>,
  { elements, isFloat }: Expected,
): { error: number; element: number } {
  let [error, element] = [0, 0];
  let largest = 1;
  for (const value of elements) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (const [index, value] of elements.entries()) {
    const off = errorOf(found[index] ?? Number.NaN, value, isFloat ? noise * largest : 0);
    if (off > error) [error, element] = [off, index];
  }
  return { error, element };
}

function errorOf(found: number, wanted: number, floor: number): number {
  if (Object.is(found, wanted) || found === wanted) return 0;
  if (!Number.isFinite(found) || !Number.isFinite(wanted)) return Number.POSITIVE_INFINITY;
  const allowed = floor === 0 ? 0 : tolerance * Math.abs(wanted) + floor;
  return allowed === 0 ? Number.POSITIVE_INFINITY : Math.abs(found - wanted) / allowed;
}
