/** What evaluating a node costs, in scalar operations per element, as fusion weighs it against storing. */

import type { Lowering } from "@adjoint/core";
import {
  isOperation,
  type Kernel,
  postorder,
  rootsOf,
  type ScalarOp,
  type Stage,
  scalarsOf,
} from "@adjoint/core/kernel";

/** A value is evaluated again wherever it is used up to this cost. */
export const repeatable = 4;

/** A kernel evaluates at most this many scalar operations per element: beyond, registers spill and compilers slow down. */
export const maximalCost = 160;

/** Nodes lie at most this deep inside a kernel: building one nests as deep. */
export const maximalDepth = 100;

/** Primitive operations that an operation expands to, about; 1 for those not listed. */
const expansions: Partial<Record<ScalarOp, number>> = {
  exp: 10,
  exp2: 10,
  expm1: 12,
  log: 12,
  log2: 12,
  log1p: 12,
  sin: 15,
  cos: 15,
  tan: 20,
  sineAngle: 4,
  cosineAngle: 4,
  farRemainder: 4,
  tanh: 15,
  atan: 15,
  atan2: 20,
  pow: 40,
  erf: 20,
  lgamma: 60,
  div: 3,
  sqrt: 3,
  rem: 5,
};

export function costOf(lowering: Lowering): number {
  if (!("loops" in lowering)) return 0;
  return postorder(lowering.loops.body).reduce(
    (total, scalar) => total + (isOperation(scalar) ? (expansions[scalar.op] ?? 1) : 0),
    1,
  );
}

/** What moving an element between memory and a kernel takes, in scalar operations, about. */
export const traffic = 8;

/** What a run of a kernel takes, in scalar operations, about: those it executes, and the elements it moves. */
export function timeOf(kernel: Kernel): number {
  return workOf(kernel) + traffic * movedBy(kernel);
}

/** Elements that a kernel reads and writes, each once. */
function movedBy({ buffers }: Kernel): number {
  return buffers.reduce((elements, { size }) => elements + size, 0);
}

function workOf({ axes, stages }: Kernel): number {
  const points = axes.reduce((product, { extent }) => product * extent, 1);
  return stages.reduce((total, stage) => {
    const inner = stage.axes.reduce((product, extent) => product * extent, 1);
    return total + points * inner * bodyCost(stage);
  }, 0);
}

/** Scalar operations of one point of a stage. */
export function bodyCost(stage: Stage): number {
  return scalarsOf(rootsOf(stage)).reduce(
    (total, scalar) => total + (isOperation(scalar) ? (expansions[scalar.op] ?? 1) : 0),
    stage.accumulators.length,
  );
}

/** A function of kernels that asks once per kernel: many clusters share one. */
export function oncePerKernel<T>(ask: (kernel: Kernel) => T): (kernel: Kernel) => T {
  const answers = new Map<Kernel, T>();
  return (kernel) => {
    const answer = answers.get(kernel) ?? ask(kernel);
    answers.set(kernel, answer);
    return answer;
  };
}
