/**
 * What a case of an op or composition is. Cases are data: the runners beside this folder turn each one into checks of
 * its value, its gradient, its second derivative and the conformance of every backend. It refuses to run anything.
 *
 * To add cases for an op: put them under its exported name into the file of its family (or a new file that ends in
 * `satisfies Cases` and is spread into `table.ts`). The table's type lists every export of `@adjoint/core` that builds
 * nodes, so an op without cases does not compile.
 *
 *     export const arithmetic = {
 *       sub: [
 *         { operands: [float([2, 3]), float([3])], build: (a, b) => sub(a, b), value: pairwise((a, b) => a - b) },
 *         { operands: [integers([4], -9, 9), integers([4], -9, 9)], build: (a, b) => sub(a, b) },
 *       ],
 *     } satisfies Cases;
 *
 * - Operands: `float` draws from an interval, `points` gives elements, `integers` and `booleans` as they say. A float
 *   operand is float64 in the interpreter and every float dtype of a backend in turn. `fixed(operand)` is not differentiated.
 * - `value`: the expected elements, given or computed by plain JavaScript that shares nothing with the op. Give it wherever
 *   the definition is not a single scalar operation.
 * - `order`: to which order derivatives are compared with central finite differences, 2 unless said otherwise. Drawn
 *   points never fall on a kink by chance twice: draws depend on nothing but the name and position of the case. For given
 *   points on a kink, a tie, a pole or far out, say `order: 0` and give the `gradients` an adjoint of ones must have.
 * - A case without `order: 0` is also checked to have no NaN among its derivatives, and so is one with `gradients` unless
 *   these are not finite or it is said to be at a `pole`.
 * Keep operands below about 200 elements; include extents of 1 and 0, odd ones, and broadcasting on both sides.
 */

import type { DType, Node, Shape } from "@adjoint/core";

/** Elements in row-major order. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export interface OperandSpec {
  readonly shape: Shape;
  /** `float`: every float dtype that is being tested. */
  readonly dtype: DType | "float";
  /** Given elements, or the interval they are drawn from (for integers both ends included). */
  readonly elements: readonly number[] | { readonly low: number; readonly high: number };
  /** Whether derivatives by it are checked; only ever true for floats. */
  readonly differentiable: boolean;
}

export interface Tolerance {
  /** Value in float64, relative to the larger of 1 and the expected magnitude. 1e-12 unless given. */
  readonly value?: number;
  /** Derivatives against finite differences. 1e-6 unless given. */
  readonly difference?: number;
  /** A float32 backend against the interpreter, relative to the largest expected magnitude. 2e-5 unless given. */
  readonly float32?: number;
}

export type Expected = readonly number[] | readonly (readonly number[])[];

export interface Case {
  /** What is special about it; for reports. */
  readonly title?: string;
  readonly operands: readonly OperandSpec[];
  readonly build: (...operands: Node[]) => Node | readonly Node[];
  /** Expected elements: of the one result, or a list per result. */
  readonly value?: Expected | ((...operands: Tensor[]) => Expected);
  /** Expected shape of the (first) result. */
  readonly shape?: Shape;
  readonly order?: 0 | 1 | 2;
  /** Expected adjoints, one list per differentiable operand, for an adjoint of ones. */
  readonly gradients?: readonly (readonly number[])[];
  /** The second derivative does not exist at these points and may be NaN. */
  readonly pole?: boolean;
  readonly tolerance?: Tolerance;
}

export type Cases = Readonly<Record<string, readonly Case[]>>;

/** A float operand drawn from an interval. */
export function float(shape: Shape, low = -2, high = 2): OperandSpec {
  return { shape, dtype: "float", elements: { low, high }, differentiable: true };
}

/** A float operand of given elements. */
export function points(elements: readonly number[], shape: Shape = [elements.length]): OperandSpec {
  return { shape, dtype: "float", elements, differentiable: true };
}

/** An integer operand drawn from low … high, both included, or given. */
export function integers(
  shape: Shape,
  low: number | readonly number[],
  high = 0,
  dtype: "int32" | "uint32" = "int32",
): OperandSpec {
  const elements = typeof low === "number" ? { low, high } : low;
  return { shape, dtype, elements, differentiable: false };
}

/** A bool operand, drawn or given as zeros and ones. */
export function booleans(shape: Shape, elements?: readonly number[]): OperandSpec {
  return { shape, dtype: "bool", elements: elements ?? { low: 0, high: 1 }, differentiable: false };
}

/** The same operand, not differentiated. */
export function fixed(operand: OperandSpec): OperandSpec {
  return { ...operand, differentiable: false };
}
