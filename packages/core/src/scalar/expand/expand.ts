/**
 * The transcendental operations as compositions of primitive ones, for machines that have no others: add sub mul div
 * min max neg abs floor ceil trunc round sqrt ldexp exponent eq lt le and or xor not shl shr select cast bitcast.
 * Those of float32 use neither ldexp nor exponent, and no wider dtype. A bitcast costs nothing and is not counted
 * in the tables of operations. It refuses to know what a machine has: the caller names what is to be expanded.
 */

import type { ScalarOp } from "../operations.js";
import { isConstant, isOperation, type Operation, postorder, type Scalar } from "../scalar.js";
import { atan, atan2 } from "./arctangent.js";
import { erf } from "./error.js";
import { exp, exp2, expm1, tanh } from "./exponential.js";
import type { Expansion, Leaf } from "./format.js";
import { lgamma } from "./gamma.js";
import { log, log1p, log2 } from "./logarithm.js";
import { pow } from "./power.js";
import { rem } from "./remainder.js";
import { cos, sin, tan } from "./trigonometric.js";

const expansions: Readonly<Partial<Record<ScalarOp, Expansion>>> = {
  exp,
  exp2,
  expm1,
  log,
  log2,
  log1p,
  sin,
  cos,
  tan,
  tanh,
  atan,
  atan2,
  pow,
  erf,
  lgamma,
  rem,
};

/** The operation in primitive ones; undefined if it is one, or of a dtype other than float32 and float64. */
export function expandOperation<L extends Leaf>(operation: Operation<L>): Scalar<L> | undefined {
  const { op, dtype, inputs } = operation;
  const [a, b = a] = inputs;
  const expansion = expansions[op];
  if (expansion === undefined || a === undefined || b === undefined) return undefined;
  return dtype === "float32" || dtype === "float64" ? expansion[dtype](a, b) : undefined;
}

/** How the scalars of a language are walked and rebuilt where leaves hold scalars themselves. */
export interface Walk<L> {
  /** Every scalar reachable from the roots once, those inside leaves included, inputs before users. */
  order(roots: readonly Scalar<L>[]): Iterable<Scalar<L>>;
  /** The leaf with the scalars inside it replaced. */
  leaf(leaf: L, expanded: (scalar: Scalar<L>) => Scalar<L>): L;
}

/**
 * The roots with every operation expanded that has an expansion, or of those only the ones named. What is shared
 * stays shared, what has nothing to expand stays the same object. Iterative: depth is bounded by memory alone.
 */
export function expandScalars<L extends Leaf>(
  roots: readonly Scalar<L>[],
  only?: ReadonlySet<ScalarOp>,
  walk?: Walk<L>,
): Scalar<L>[] {
  const done = new Map<Scalar<L>, Scalar<L>>();
  const expanded = (scalar: Scalar<L>): Scalar<L> => done.get(scalar) ?? scalar;
  const order = walk === undefined ? roots.flatMap((root) => postorder(root)) : walk.order(roots);
  for (const scalar of order) {
    if (done.has(scalar)) continue;
    if (isOperation(scalar)) {
      const inputs = scalar.inputs.map(expanded);
      const changed = inputs.some((input, i) => input !== scalar.inputs[i]);
      const rebuilt = changed ? { ...scalar, inputs } : scalar;
      const wanted = only === undefined || only.has(scalar.op);
      done.set(scalar, (wanted ? expandOperation(rebuilt) : undefined) ?? rebuilt);
    } else if (walk === undefined || isConstant(scalar)) done.set(scalar, scalar);
    else done.set(scalar, walk.leaf(scalar, expanded));
  }
  return roots.map(expanded);
}
