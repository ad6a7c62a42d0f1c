/** Cumulative sums, products and extremes, and the linear recurrence that their adjoints need. */

import { ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, type OpFunction, opFunction } from "../graph/op.js";
import type { Combine } from "../kernel/combine.js";
import { divisionsBeside } from "../lowering/division.js";
import * as s from "../scalar/build.js";
import { checkAxis, extentOf, normalizeAxis } from "../shape.js";
import { add, equal, minimum, mul, sub, where, zerosLike } from "./arithmetic.js";
import { inferElementwise, liftOperands, type Operand } from "./elementwise.js";
import { exp, log } from "./exponential.js";
import { constant } from "./leaf.js";
import { isFinite as finite } from "./logic.js";
import { broadcastTo } from "./reduction.js";
import {
  cumulationKernel,
  evaluateCumulation,
  evaluateRecurrence,
  recurrenceKernel,
  type ScanAttributes,
} from "./scan.js";
import { padConstant, sliceAxis } from "./slice.js";

export interface ScanOptions {
  /** The axis to run along, the last one when absent. */
  readonly axis?: number;
  /** From the last element to the first. */
  readonly reverse?: boolean;
}

export interface CumulationOptions extends ScanOptions {
  /** Leave the current element out; the first result is then the neutral element. */
  readonly exclusive?: boolean;
}

export type Cumulation = OpFunction<
  <Feeds extends string>(x: Node<Feeds>, options?: CumulationOptions) => Node<Feeds>
>;

interface CumulationAttributes extends ScanAttributes {
  readonly exclusive: boolean;
}

const attributes = { axis: "integer", exclusive: "boolean", reverse: "boolean" } as const;

/** The element that the scan meets next, in place of each; 0 in place of the last. */
function next<Feeds extends string>(x: Node<Feeds>, { axis, reverse }: ScanAttributes): Node<Feeds> {
  const zeros = x.shape.map(() => 0);
  const one = x.shape.map((_, other) => (other === axis ? 1 : 0));
  const rest = reverse ? sliceAxis(x, axis, 0, -1) : sliceAxis(x, axis, 1);
  if (extentOf(x.shape, axis) === 0) return x;
  return padConstant(rest, {
    low: reverse ? one : zeros,
    high: reverse ? zeros : one,
    interior: zeros,
    value: 0,
  });
}

/** The adjoint of the running values that include the current element. */
function inclusive(adjoint: Node, at: CumulationAttributes): Node {
  return at.exclusive ? next(adjoint, at) : adjoint;
}

function cumulation(
  name: string,
  doc: string,
  notation: string,
  combine: Combine,
  vjp: (x: Node, node: Node, adjoint: Node, at: CumulationAttributes) => Node,
): Cumulation {
  const op: Op = defineOp<readonly ["x"], typeof attributes>({
    name,
    doc,
    operands: ["x"],
    attributes,
    notation,
    infer: ([x], { axis }) => {
      checkAxis(axis, x.shape.length, name);
      return { dtype: inferElementwise([x], "number").dtype, shape: x.shape };
    },
    lower: ([x], at) => ({
      kind: "opaque",
      kernel: () => cumulationKernel(x, at, combine, at.exclusive),
      evaluate: ([elements = new Float64Array()]) =>
        evaluateCumulation(x, elements, at, combine, at.exclusive),
      divisions: divisionsBeside([at.axis], [x]),
    }),
    vjp: ({ node, operands: [x], attributes: at, adjoint }) => [vjp(x, node, adjoint, at)],
  });
  return opFunction(
    op,
    <Feeds extends string>(x: Node<Feeds>, options: CumulationOptions = {}): Node<Feeds> => {
      const { axis = -1, exclusive = false, reverse = false } = options;
      return createNode(op, [x], { axis: normalizeAxis(axis, x.shape.length, name), exclusive, reverse });
    },
  );
}

/** Σ_{k ≤ i} x_k along an axis. */
export const cumSum: Cumulation = cumulation(
  "cumSum",
  "Running sum along an axis.",
  "\\sum_{k \\le i} {x}_k",
  "add",
  (_, __, adjoint, { axis, exclusive, reverse }) => cumSum(adjoint, { axis, exclusive, reverse: !reverse }),
);

/**
 * Π_{k ≤ i} x_k along an axis. The adjoint of x_k is Π_{j<k} x_j · S_k with S_k = u_k + x_{k+1} S_{k+1}: it divides by
 * nothing, so that zeros among x change nothing.
 */
export const cumProd: Cumulation = cumulation(
  "cumProd",
  "Running product along an axis.",
  "\\prod_{k \\le i} {x}_k",
  "mul",
  (x, _, adjoint, at) => {
    const { axis, reverse } = at;
    const before = cumProd(x, { axis, reverse, exclusive: true });
    return mul(before, linearScan(next(x, at), inclusive(adjoint, at), { axis, reverse: !reverse }));
  },
);

/** Each element that equals the running extreme takes the adjoints from there up to the next one that does. */
function extremeAdjoint(x: Node, running: Node, adjoint: Node, at: CumulationAttributes): Node {
  const record = equal(x, running);
  const held = where(next(record, at), zerosLike(x), constant(1, { dtype: x.dtype }));
  const sums = linearScan(held, inclusive(adjoint, at), { axis: at.axis, reverse: !at.reverse });
  return where(record, sums, 0);
}

/** The largest element so far along an axis. At ties the latest takes the adjoint. */
export const cumMax: Cumulation = cumulation(
  "cumMax",
  "Running maximum along an axis; at ties the latest takes the adjoint.",
  "\\max_{k \\le i} {x}_k",
  "max",
  (x, node, adjoint, at) => {
    const running = at.exclusive ? cumMax(x, { axis: at.axis, reverse: at.reverse }) : node;
    return extremeAdjoint(x, running, adjoint, at);
  },
);

/** The smallest element so far along an axis. At ties the latest takes the adjoint. */
export const cumMin: Cumulation = cumulation(
  "cumMin",
  "Running minimum along an axis; at ties the latest takes the adjoint.",
  "\\min_{k \\le i} {x}_k",
  "min",
  (x, node, adjoint, at) => {
    const running = at.exclusive ? cumMin(x, { axis: at.axis, reverse: at.reverse }) : node;
    return extremeAdjoint(x, running, adjoint, at);
  },
);

const scanAttributes = { axis: "integer", reverse: "boolean" } as const;

const linearScanOp: Op = defineOp({
  name: "linearScan",
  doc: "The linear recurrence y_i = a_i y_{i-1} + b_i along an axis, from 0.",
  operands: ["a", "b"],
  attributes: scanAttributes,
  notation: "y_i = {a}_i y_{i-1} + {b}_i",
  infer: ([a, b], { axis }) => {
    const type = inferElementwise([a, b], "float");
    checkAxis(axis, type.shape.length, "linearScan");
    return type;
  },
  lower: (operands, at, output) => ({
    kind: "opaque",
    kernel: () =>
      recurrenceKernel(operands, output, at, 0, (previous, [a = previous, b = previous]) =>
        s.add(s.mul(a, previous), b),
      ),
    evaluate: ([a = [], b = []]) =>
      evaluateRecurrence(output.shape, at, 0, (previous, i) => (a[i] ?? 0) * previous + (b[i] ?? 0)),
    divisions: divisionsBeside([at.axis], operands),
  }),
  vjp: ({ node, operands: [a], attributes: at, adjoint }) => {
    const backward = { axis: at.axis, reverse: !at.reverse };
    const sums = linearScan(next(a, at), adjoint, backward);
    return [mul(sums, next(node, backward)), sums];
  },
});

/** y_i = a_i y_{i-1} + b_i along an axis, from y_{-1} = 0; a and b broadcast. */
export const linearScan = opFunction(
  linearScanOp,
  <Feeds extends string>(a: Operand<Feeds>, b: Operand<Feeds>, options: ScanOptions = {}): Node<Feeds> => {
    const operands = liftOperands([a, b]);
    const { shape } = inferElementwise(operands, "float");
    const axis = normalizeAxis(options.axis ?? -1, shape.length, "linearScan");
    const whole = operands.map((operand) => broadcastTo(operand, shape));
    return createNode(linearScanOp, whole, { axis, reverse: options.reverse ?? false });
  },
);

const logCumSumExpOp: Op = defineOp({
  name: "logCumSumExp",
  doc: "Logarithm of the running sum of exponentials along an axis, without overflow.",
  operands: ["x"],
  attributes: scanAttributes,
  notation: "\\log \\sum_{k \\le i} e^{{x}_k}",
  infer: ([x], { axis }) => {
    checkAxis(axis, x.shape.length, "logCumSumExp");
    return inferElementwise([x], "float");
  },
  // With the running maximum m_i the sums s_i = Σ_{k ≤ i} exp(x_k - m_i) are exp(m_{i-1} - m_i) s_{i-1} + exp(x_i - m_i).
  lower: (_, at) => ({
    kind: "compose",
    build: ([x]) => {
      if (x === undefined) throw new ShapeError("logCumSumExp takes one operand");
      const running = cumMax(x, at);
      const shift = where(finite(running), running, 0);
      const factor = exp(minimum(sub(next(running, { ...at, reverse: !at.reverse }), shift), 0));
      const sums = linearScan(factor, exp(sub(x, shift)), at);
      return where(finite(running), add(shift, log(sums)), running);
    },
  }),
  // With T_k = u_k + exp(y_k - y_{k+1}) T_{k+1} the adjoint of x_k is exp(x_k - y_k) T_k: no exponent is positive.
  vjp: ({ node, operands: [x], attributes: at, adjoint }) => {
    const backward = { axis: at.axis, reverse: !at.reverse };
    const total = where(finite(node), node, 0);
    const ratio = next(exp(sub(next(node, backward), total)), at);
    const sums = linearScan(ratio, adjoint, backward);
    return [mul(exp(sub(x, total)), sums)];
  },
});

/** log Σ_{k ≤ i} exp(x_k) along an axis, without overflow. */
export const logCumSumExp = opFunction(
  logCumSumExpOp,
  <Feeds extends string>(x: Node<Feeds>, { axis = -1, reverse = false }: ScanOptions = {}): Node<Feeds> =>
    createNode(logCumSumExpOp, [x], { axis: normalizeAxis(axis, x.shape.length, "logCumSumExp"), reverse }),
);
